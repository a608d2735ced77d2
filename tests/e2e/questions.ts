import { addresses } from '#infra/local/agencies/data/addresses.ts';
import { careers } from '#infra/local/agencies/data/careers.ts';
import { legalEntities } from '#infra/local/agencies/data/legal-entities.ts';
import { people } from '#infra/local/agencies/data/people.ts';
import {
  testCertificate,
  testLegalIds,
  testPerson,
  testPlate,
  testPostalCode,
} from '#infra/local/agencies/data/test-ids.ts';
import { vehicles } from '#infra/local/agencies/data/vehicles.ts';
import type { AgencyName } from '#infra/local/seed/agencies.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { parseLegalId } from '#shared/persian/legal-id.ts';
import { parseNationalId } from '#shared/persian/national-id.ts';
import type { SubjectInput } from '#shared/persian/subject-input.ts';

/** What is asked, and of whom; the rest of an inquiry is the counter's. */
export type Question = {
  readonly service: string;
  readonly purpose: string;
  readonly subject: SubjectInput;
  readonly params: JsonObject;
};

/** One service with a question it says yes to, and one it says no to. */
export type ServiceExample = {
  readonly agency: AgencyName;
  readonly yes: Question;
  readonly no: Question;
  readonly outcomes: readonly ['MATCH', 'NO_MATCH'] | readonly ['FOUND', 'NOT_FOUND'];
  /** What the agency's records say, and the exchange passes on. */
  readonly fields: { readonly yes: JsonObject; readonly no: JsonObject };
  /** A field the agency could disclose and nobody may have. */
  readonly kept: string;
};

const tenDigits = (n: number): string => String(n).padStart(10, '0');

/** Valid ids that are in nobody's records. */
const unknownNationalId =
  Array.from({ length: 100 }, (_, n) => tenDigits(4_710_000_123 + n)).find(
    (id) => parseNationalId(id).ok && !people.some(({ nationalId }) => nationalId === id),
  ) ?? '';

const unknownLegalId =
  Array.from({ length: 100 }, (_, n) => `1${tenDigits(4_100_071_200 + n)}`).find(
    (id) => parseLegalId(id).ok && !legalEntities.some(({ legalId }) => legalId === id),
  ) ?? '';

const nationalId = (value: string) => ({ type: 'ir-national-id', value }) as const;
const subject = nationalId(testPerson.nationalId);
const unknownSubject = nationalId(unknownNationalId);

const read = ['FOUND', 'NOT_FOUND'] as const;
const flags = ['MATCH', 'NO_MATCH'] as const;

const career = careers.find(({ person }) => person.nationalId === testPerson.nationalId);
const address = addresses.find(({ postalCode }) => postalCode === testPostalCode);
const company = legalEntities.find(({ legalId }) => legalId === testLegalIds[0]);
const vehicle = vehicles.find(({ plate }) => plate === testPlate);

const only = (record: JsonObject | undefined, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(record ?? {}).filter(([name]) => names.includes(name)));

const identity = {
  service: 'civil-registry/identity@1',
  purpose: 'pension-enrolment',
  subject,
} as const;

/** The nine services of domain.md. */
export const services: readonly ServiceExample[] = [
  {
    agency: 'civil-registry',
    yes: {
      ...identity,
      params: {
        birthDate: testPerson.birthDate,
        firstName: testPerson.firstName,
        lastName: testPerson.lastName,
      },
    },
    no: { ...identity, params: { birthDate: '1984-07-19', lastName: testPerson.lastName } },
    outcomes: flags,
    fields: {
      yes: { birthDateMatches: true, firstNameMatches: true, lastNameMatches: true },
      no: { birthDateMatches: false, lastNameMatches: true },
    },
    kept: 'firstName',
  },
  {
    agency: 'civil-registry',
    yes: { service: 'civil-registry/life-status@1', purpose: 'inheritance', subject, params: {} },
    no: {
      service: 'civil-registry/life-status@1',
      purpose: 'inheritance',
      subject: unknownSubject,
      params: {},
    },
    outcomes: read,
    fields: { yes: { lifeStatus: 'alive' }, no: {} },
    kept: 'placeOfDeath',
  },
  {
    agency: 'telecom',
    yes: {
      service: 'telecom/mobile-ownership@1',
      purpose: 'sim-registration',
      subject,
      params: { mobile: testPerson.mobile },
    },
    no: {
      service: 'telecom/mobile-ownership@1',
      purpose: 'sim-registration',
      subject,
      params: { mobile: '+989357654321' },
    },
    outcomes: flags,
    fields: { yes: {}, no: {} },
    kept: 'operator',
  },
  {
    agency: 'post',
    yes: {
      service: 'post/postal-address@1',
      purpose: 'address-change',
      subject: { type: 'ir-postal-code', value: testPostalCode },
      params: {},
    },
    no: {
      service: 'post/postal-address@1',
      purpose: 'address-change',
      subject: { type: 'ir-postal-code', value: '9876501234' },
      params: {},
    },
    outcomes: read,
    fields: { yes: only(address, 'province', 'city', 'street', 'plate'), no: {} },
    kept: 'building',
  },
  {
    agency: 'education',
    yes: {
      service: 'education/certificate@1',
      purpose: 'employment',
      subject,
      params: { serial: testCertificate },
    },
    no: {
      service: 'education/certificate@1',
      purpose: 'employment',
      subject,
      params: { serial: 'C-999001' },
    },
    outcomes: read,
    fields: { yes: only(career?.certificate, 'valid', 'level', 'field', 'date'), no: {} },
    kept: 'average',
  },
  {
    agency: 'social-security',
    yes: {
      service: 'social-security/coverage@1',
      purpose: 'benefit-claim',
      subject,
      params: {},
    },
    no: {
      service: 'social-security/coverage@1',
      purpose: 'benefit-claim',
      subject: unknownSubject,
      params: {},
    },
    outcomes: read,
    fields: { yes: only(career?.coverage, 'insuredMonths', 'entitlement'), no: {} },
    kept: 'employer',
  },
  {
    agency: 'pension',
    yes: { service: 'pension/status@1', purpose: 'benefit-claim', subject, params: {} },
    no: {
      service: 'pension/status@1',
      purpose: 'benefit-claim',
      subject: unknownSubject,
      params: {},
    },
    outcomes: read,
    fields: { yes: only(career?.pension, 'status', 'group'), no: {} },
    kept: 'monthlyRials',
  },
  {
    agency: 'police',
    yes: {
      service: 'police/vehicle@1',
      purpose: 'vehicle-transfer',
      subject: { type: 'ir-plate', value: testPlate },
      params: { ownerNationalId: testPerson.nationalId },
    },
    no: {
      service: 'police/vehicle@1',
      purpose: 'vehicle-transfer',
      subject: { type: 'ir-plate', value: testPlate },
      params: { ownerNationalId: unknownNationalId },
    },
    outcomes: read,
    fields: { yes: only(vehicle, 'status', 'finesCount', 'finesRials'), no: {} },
    kept: 'ownerName',
  },
  {
    agency: 'companies',
    yes: {
      service: 'companies/legal-entity@1',
      purpose: 'tender',
      subject: { type: 'ir-legal-id', value: testLegalIds[0] },
      params: {},
    },
    no: {
      service: 'companies/legal-entity@1',
      purpose: 'tender',
      subject: { type: 'ir-legal-id', value: unknownLegalId },
      params: {},
    },
    outcomes: read,
    fields: { yes: only(company, 'name', 'status', 'address'), no: {} },
    kept: 'registrationNumber',
  },
];

/** The example of one service. */
export const serviceOf = (agency: AgencyName): ServiceExample => {
  const found = services.find((one) => one.agency === agency);
  if (found === undefined) throw new Error(`No service of ${agency} is among the examples.`);
  return found;
};
