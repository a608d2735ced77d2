import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { type Book, bookOf, subjectKey } from './book.ts';
import { addresses } from './data/addresses.ts';
import { careers } from './data/careers.ts';
import { legalEntities } from './data/legal-entities.ts';
import { type Person, people } from './data/people.ts';
import { vehicles } from './data/vehicles.ts';

const lifeStatusOf = ({ dateOfDeath }: Person): 'alive' | 'deceased' =>
  dateOfDeath === undefined ? 'alive' : 'deceased';

const identityRecord = (person: Person): JsonObject => ({
  firstName: person.firstName,
  lastName: person.lastName,
  fatherName: person.fatherName,
  birthDate: person.birthDate,
  lifeStatus: lifeStatusOf(person),
});

const lifeRecord = (person: Person): JsonObject => ({
  lifeStatus: lifeStatusOf(person),
  ...(person.dateOfDeath !== undefined && {
    dateOfDeath: person.dateOfDeath,
    placeOfDeath: 'تهران',
  }),
});

/** The sample agencies' records, by service. All of them are made up. */
export const books = {
  'civil-registry/identity@1': bookOf(people, ({ nationalId }) => nationalId, identityRecord, {
    keys: ['birthDate'],
    compared: ['birthDate', 'firstName', 'lastName', 'fatherName'],
  }),
  'civil-registry/life-status@1': bookOf(people, ({ nationalId }) => nationalId, lifeRecord, {
    keys: [],
    compared: [],
  }),
  'telecom/mobile-ownership@1': bookOf(
    people,
    ({ nationalId }) => nationalId,
    ({ mobile }) => ({ mobile, operator: 'همراه اول' }),
    { keys: ['mobile'], compared: ['mobile'] },
  ),
  'post/postal-address@1': bookOf(
    addresses,
    ({ postalCode }) => postalCode,
    ({ postalCode: _, ...rest }) => rest,
    { keys: [], compared: [] },
  ),
  'education/certificate@1': bookOf(
    careers,
    ({ person }) => person.nationalId,
    ({ certificate }) => certificate,
    { keys: ['serial'], compared: ['serial'] },
  ),
  'social-security/coverage@1': bookOf(
    careers,
    ({ person }) => person.nationalId,
    ({ coverage }) => coverage,
    { keys: [], compared: [] },
  ),
  'pension/status@1': bookOf(
    careers,
    ({ person }) => person.nationalId,
    ({ pension }) => pension,
    { keys: [], compared: [] },
  ),
  'police/vehicle@1': bookOf(
    vehicles,
    ({ plate }) => subjectKey({ type: 'ir-plate', value: plate }),
    ({ plate: _, ...rest }) => rest,
    { keys: ['ownerNationalId'], compared: ['ownerNationalId'] },
  ),
  'companies/legal-entity@1': bookOf(
    legalEntities,
    ({ legalId }) => legalId,
    ({ legalId: _, ...rest }) => rest,
    { keys: [], compared: [] },
  ),
} as const satisfies Readonly<Record<string, Book>>;
