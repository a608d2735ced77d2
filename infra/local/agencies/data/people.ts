import { parseNationalId } from '#shared/persian/national-id.ts';
import { type Chance, chanceFrom } from './chance.ts';
import { fatherNames, firstNames, lastNames } from './names.ts';
import { testNationalIds, testPerson } from './test-ids.ts';

/** A made-up person, as the civil registry knows one. */
export type Person = {
  readonly nationalId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly fatherName: string;
  /** ISO 8601, Gregorian. */
  readonly birthDate: string;
  readonly dateOfDeath: string | undefined;
  /** E.164. */
  readonly mobile: string;
};

const population = 320;

const checkDigits = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The one id that begins with these nine digits; undefined where all ten would be equal. */
const nationalIdFrom = (nine: string): string | undefined =>
  checkDigits.map((digit) => nine + digit).find((id) => parseNationalId(id).ok);

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** A day that every month has. */
export const dayIn = (chance: Chance, firstYear: number, years: number): string =>
  [
    String(firstYear + chance.upTo(years)),
    twoDigits(1 + chance.upTo(12)),
    twoDigits(1 + chance.upTo(28)),
  ].join('-');

const makePerson = (nationalId: string, chance: Chance): Person => ({
  nationalId,
  firstName: chance.pick(firstNames),
  lastName: chance.pick(lastNames),
  fatherName: chance.pick(fatherNames),
  birthDate: dayIn(chance, 1940, 65),
  dateOfDeath: chance.upTo(12) === 0 ? dayIn(chance, 2006, 18) : undefined,
  mobile: `+9891${chance.digits(8)}`,
});

const makeIds = (chance: Chance): readonly string[] => {
  const ids = new Set<string>(testNationalIds);
  while (ids.size < population) {
    const id = nationalIdFrom(chance.digits(9));
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
};

const makePeople = (): readonly Person[] => {
  const chance = chanceFrom('people');
  return makeIds(chance).map((id) => {
    const person = makePerson(id, chance);
    if (id === testPerson.nationalId) return { ...testPerson, dateOfDeath: undefined };
    // The second test id is of somebody who has died, so that both answers can be shown.
    return id === testNationalIds[1] ? { ...person, dateOfDeath: '2019-11-05' } : person;
  });
};

/** The whole population, the people with published test ids first. */
export const people: readonly Person[] = makePeople();
