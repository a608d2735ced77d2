/** What a small registry holds: five services as domain.md describes them, and who takes part. */
import * as z from 'zod';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { Participant } from '#shared/registry/participant.ts';
import { RegisteredKey } from '#shared/registry/registered-key.ts';
import { Service } from '#shared/registry/service.ts';
import { type TestKey, testNow } from './messages.ts';

const day = 86_400_000;

type Change = Readonly<Record<string, JsonValue | undefined>>;

/** An active counter whose licence holds from a year before {@link testNow} to a year after it. */
export const counterOf = (id: string, change: Change = {}): Participant =>
  Participant.parse({
    kind: 'participant',
    id,
    title: { fa: 'دفتر پیشخوان', en: 'Counter' },
    status: 'active',
    licence: {
      number: '72-11-0345',
      issuer: 'registrar',
      province: 'تهران',
      city: 'تهران',
      status: 'valid',
      validFrom: testNow - 365 * day,
      validUntil: testNow + 365 * day,
    },
    version: 1,
    ...change,
  });

export const agencyOf = (id: string, change: Change = {}): Participant =>
  Participant.parse({
    kind: 'participant',
    id,
    title: { fa: 'دستگاه', en: 'Agency' },
    status: 'active',
    version: 1,
    ...change,
  });

/** A key as it stands on record: active for all time unless said otherwise. */
export const keyEntryOf = ({ kid, jwk, owner }: TestKey, change: Change = {}): RegisteredKey =>
  RegisteredKey.parse({
    kind: 'key',
    kid,
    jwk,
    owner,
    label: 'till-3',
    status: 'active',
    notBefore: 0,
    notAfter: 8_640_000_000_000_000,
    version: 1,
    ...change,
  });

const text = { type: 'string', maxLength: 200 } as const;

const schema = (
  properties: Readonly<Record<string, JsonValue>>,
  required: readonly string[] = [],
): JsonValue => ({ type: 'object', properties, required, additionalProperties: false });

const purposes = ['pension-enrolment', 'passport-issue', 'banking-service'];

/** Reads names and life status; the father's name is withheld. */
export const identityService = Service.parse({
  kind: 'service',
  ref: 'civil-registry/identity@1',
  agency: 'agency:civil-registry',
  title: { fa: 'استعلام هویت', en: 'Identity' },
  group: 'civil-registry',
  status: 'active',
  subjectType: 'ir-national-id',
  level: 'read',
  fields: ['firstName', 'lastName', 'lifeStatus'],
  purposes,
  input: schema({ birthDate: { type: 'string', format: 'ir-birth-date' } }, ['birthDate']),
  output: schema(
    {
      firstName: text,
      lastName: text,
      fatherName: text,
      lifeStatus: { enum: ['alive', 'deceased'] },
    },
    ['firstName', 'lastName'],
  ),
  endpoint: 'https://civil-registry.example/inquiries',
  timeout: 5000,
  hold: true,
  tariff: 'civil.2027',
  version: 1,
});

/** Says yes or no, and passes nothing on. */
export const mobileService = Service.parse({
  ...identityService,
  ref: 'telecom/mobile-ownership@1',
  agency: 'agency:telecom',
  title: { fa: 'شاهکار', en: 'Mobile ownership' },
  group: 'telecom',
  level: 'verify',
  fields: [],
  input: schema({ mobile: { type: 'string', format: 'ir-mobile' } }, ['mobile']),
  output: schema({ operator: text }),
  endpoint: 'https://telecom.example/inquiries',
});

/** Reads an address by postal code; nothing is held for a retry. */
export const addressService = Service.parse({
  ...identityService,
  ref: 'post/postal-address@1',
  agency: 'agency:post',
  title: { fa: 'نشانی پستی', en: 'Postal address' },
  group: 'post',
  subjectType: 'ir-postal-code',
  fields: ['province', 'city', 'street', 'plate'],
  input: schema({}),
  output: schema({ province: text, city: text, street: text, plate: text }, ['province']),
  endpoint: 'https://post.example/inquiries',
  hold: false,
  tariff: undefined,
});

/** Answers yes or no for each value that was sent. */
export const lifeService = Service.parse({
  ...identityService,
  ref: 'civil-registry/life-status@1',
  title: { fa: 'وضعیت حیات', en: 'Life status' },
  level: 'match',
  fields: ['lifeStatus', 'deathDate'],
  input: schema({}),
  output: schema({ lifeStatus: { type: 'boolean' }, deathDate: { type: 'boolean' } }),
});

export const companyService = Service.parse({
  ...identityService,
  ref: 'companies/legal-entity@1',
  agency: 'agency:companies',
  title: { fa: 'شناسهٔ ملی اشخاص حقوقی', en: 'Legal entity' },
  group: 'companies',
  subjectType: 'ir-legal-id',
  fields: ['name', 'status', 'address'],
  input: schema({}),
  output: schema({ name: text, status: text, address: text }, ['name']),
  endpoint: 'https://companies.example/inquiries',
});

export const sampleServices: readonly Service[] = [
  identityService,
  mobileService,
  addressService,
  lifeService,
  companyService,
];

/** One service with some members replaced. */
export const serviceWith = (change: Change, service: Service = identityService): Service =>
  Service.parse({ ...service, ...change });

const Json = z.record(z.string(), z.json());

/** An entry as RFC 8785 JSON text: equal entries have equal texts. */
export const entryText = (entry: RegistryEntry): string =>
  canonicalJson(Json.parse(JSON.parse(JSON.stringify(entry))));
