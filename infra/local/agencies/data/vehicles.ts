import { type Plate, plateLetters } from '#shared/persian/plate.ts';
import { chanceFrom } from './chance.ts';
import { people } from './people.ts';
import { testPlate } from './test-ids.ts';

/** A made-up car. */
export type Vehicle = {
  readonly plate: Plate;
  readonly ownerNationalId: string;
  readonly ownerName: string;
  readonly status: 'in-order' | 'impounded' | 'stolen';
  readonly finesCount: number;
  readonly finesRials: number;
};

const standings = ['in-order', 'in-order', 'in-order', 'in-order', 'impounded', 'stolen'] as const;

const plateAt = (position: number): Plate => ({
  two: String(10 + (position % 90)),
  letter: plateLetters[position % plateLetters.length] ?? 'ب',
  three: String(100 + ((position * 37) % 900)),
  region: String(10 + ((position * 7) % 90)),
});

const makeVehicles = (): readonly Vehicle[] => {
  const chance = chanceFrom('vehicles');
  return people.slice(0, 240).map((owner, position) => {
    const finesCount = chance.upTo(6);
    return {
      plate: position === 0 ? testPlate : plateAt(position),
      ownerNationalId: owner.nationalId,
      ownerName: `${owner.firstName} ${owner.lastName}`,
      status: position === 0 ? 'in-order' : chance.pick(standings),
      finesCount,
      finesRials: finesCount * 500_000 * (1 + chance.upTo(4)),
    };
  });
};

/** All cars; the first has the test plate and belongs to the first person. */
export const vehicles: readonly Vehicle[] = makeVehicles();
