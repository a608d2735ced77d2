import { chanceFrom } from './chance.ts';
import { places, streets } from './names.ts';
import { testPostalCode } from './test-ids.ts';

/** A made-up delivery point. */
export type Address = {
  readonly postalCode: string;
  readonly province: string;
  readonly city: string;
  readonly street: string;
  readonly plate: string;
  readonly building: string;
};

const buildings = ['سرو', 'صنوبر', 'نسترن', 'یاس', 'شقایق'] as const;

const makeAddresses = (): readonly Address[] => {
  const chance = chanceFrom('addresses');
  const codes = new Set<string>([testPostalCode]);
  while (codes.size < 300) codes.add(`1${chance.digits(9)}`);
  return [...codes].map((postalCode) => ({
    postalCode,
    ...chance.pick(places),
    street: `خیابان ${chance.pick(streets)}`,
    plate: String(1 + chance.upTo(200)),
    building: `ساختمان ${chance.pick(buildings)}`,
  }));
};

/** All delivery points, the test code first. */
export const addresses: readonly Address[] = makeAddresses();
