/** A caller that knows nothing of a service but what the catalogue requires. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { sampleServices as seedServices } from '#infra/local/seed/services.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { RequestClaims, RequestFacts } from '#shared/message/claims.ts';
import { readCatalogue } from '#shared/registry/catalogue.ts';
import { decide, type Snapshot } from '#shared/registry/decide.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { aboutAllIn, directoryAsOf } from '#shared/registry/read-registry.ts';
import { Service } from '#shared/registry/service.ts';
import { accessOf, limitOf } from '#tests/support/access.ts';
import { change } from '#tests/support/changes.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { requestClaimsAt, testNow, withInquiry, withMembers } from '#tests/support/messages.ts';
import {
  agencyOf,
  counterOf,
  identityService,
  sampleServices,
  serviceWith,
} from '#tests/support/registry.ts';

const Json = z.record(z.string(), z.json());

const Requirements = z.looseObject({
  access: z.enum(['open', 'narrowed']),
  narrowed: z
    .array(z.strictObject({ target: z.string(), justification: z.string(), since: z.string() }))
    .optional(),
  answered: z.boolean(),
  message: z.looseObject({
    typ: z.string(),
    maxLifetime: z.int(),
    algorithms: z.array(z.string()),
  }),
  purposes: z.array(z.string()),
  bases: z.union([z.literal('any'), z.array(z.string())]),
  presences: z.array(z.string()),
  subject: z.looseObject({ type: z.string(), value: Json }),
  params: Json,
  level: z.string(),
  fields: z.array(z.string()),
  quotas: z.array(z.strictObject({ name: z.string(), per: z.string(), most: z.int() })),
  timeout: z.int(),
  hold: z.boolean(),
});
type Requirements = z.infer<typeof Requirements>;

const Versions = z.looseObject({
  versions: z.array(z.looseObject({ ref: z.string(), requirements: Requirements })),
});

/** Made-up values of the formats that a schema may name. */
const byFormat: Readonly<Record<string, string>> = {
  'ir-national-id': '0499370899',
  'ir-legal-id': '10100000103',
  'ir-postal-code': '1234567890',
  'ir-mobile': '+989120000000',
  'ir-birth-date': '1985-03-21',
  date: '2020-02-02',
};

const Schema = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  enum: z.array(z.json()).optional(),
  minLength: z.int().optional(),
  minimum: z.int().optional(),
  properties: z.record(z.string(), Json).optional(),
  required: z.array(z.string()).optional(),
});

/** Something that fits a schema of the profile. */
const valueFor = (json: JsonObject): JsonValue => {
  const { type, format, pattern, enum: values, ...rest } = Schema.parse(json);
  const [first] = values ?? [];
  if (first !== undefined) return first;
  if (type === 'object') {
    const properties = Object.entries(rest.properties ?? {});
    return Object.fromEntries(
      properties
        .filter(([name]) => rest.required?.includes(name) === true)
        .map(([name, schema]) => [name, valueFor(schema)]),
    );
  }
  if (type === 'integer') return rest.minimum ?? 1;
  if (type === 'boolean') return true;
  const named = format === undefined ? undefined : byFormat[format];
  if (named !== undefined) return named;
  const digits = /^\^\[0-9\]\{(?<many>[0-9]+)\}\$$/.exec(pattern ?? '')?.groups?.['many'];
  return digits === undefined ? 'x'.repeat(rest.minLength ?? 1) : '1'.repeat(Number(digits));
};

/** A request that is made of nothing but the requirements. */
const requestFor = (ref: string, required: Requirements, bent: JsonObject = {}) => {
  const { purposes, bases, presences, subject, params } = required;
  const inq = {
    service: ref,
    purpose: purposes[0] ?? 'none',
    basis: bases === 'any' ? 'any-law' : (bases[0] ?? 'none'),
    presence: presences[0] ?? 'none',
    ...bent,
  };
  return {
    inq,
    facts: {
      subject: { type: subject.type, value: valueFor(subject.value) },
      params: Json.parse(valueFor(params)),
      case: 'c',
      operator: 'o',
    },
  };
};

type Asked = ReturnType<typeof requestFor>;

const questionOf = ({ inq, facts }: Asked) => ({
  claims: RequestClaims.parse(withInquiry(inq)(requestClaimsAt(testNow, 'counter:72110345'))),
  facts: RequestFacts.parse(facts),
});

const versionsOf = async (
  services: readonly Service[],
  name: string,
  about: readonly ReturnType<typeof accessOf>[] = [],
  at?: number,
) => {
  const { store } = memoryRegistryStore();
  await change(store, ...services.slice(0, 8));
  if (about.length > 0) await change(store, ...about);
  const directory = directoryAsOf(store, at ?? Number.MAX_SAFE_INTEGER);
  return Versions.parse(await readCatalogue(directory, name, aboutAllIn(store, at))).versions;
};

const requirementsFor = async (
  service: Service,
  about: readonly ReturnType<typeof accessOf>[] = [],
): Promise<Requirements> => {
  const [name = ''] = service.ref.split('@');
  const [found] = await versionsOf([service], name, about);
  if (found === undefined) throw new Error('no such service');
  return found.requirements;
};

const snapshotOf = (service: Service, more: Partial<Snapshot> = {}): Snapshot => ({
  version: 7,
  participant: counterOf('counter:72110345'),
  service,
  agency: agencyOf(service.agency),
  ...more,
});

const ruleFor = (service: Service, asked: Asked, more: Partial<Snapshot> = {}): string => {
  const { effect, rule } = decide(snapshotOf(service, more), questionOf(asked), testNow);
  return `${effect} ${rule}`;
};

const seeded = seedServices.map((template) =>
  Service.parse({
    ...template,
    kind: 'service',
    status: 'active',
    endpoint: 'https://agency.example/inquiries',
    version: 1,
  }),
);

/** Everybody's access entry of a service's agency. */
const everyoneOf = (parts: Parameters<typeof accessOf>[0]) =>
  accessOf({ agency: 'agency:civil-registry', holder: '*', ...parts });

const strict = serviceWith({ bases: ['civil-code-1.12'] });

describe('what the catalogue requires', () => {
  it.each([...sampleServices, ...seeded, strict].map((service) => [service.ref, service] as const))(
    'is enough to ask %s, and each of it is needed',
    async (_, service) => {
      const required = await requirementsFor(service);
      const asked = requestFor(service.ref, required);
      expect(ruleFor(service, asked)).toBe('allow open-service');

      const otherPurpose = requestFor(service.ref, required, { purpose: 'curiosity' });
      expect(ruleFor(service, otherPurpose)).toBe('deny purpose-allowed');
      const type = required.subject.type === 'ir-plate' ? 'ir-postal-code' : 'ir-plate';
      const value =
        type === 'ir-plate' ? { two: '11', letter: 'ب', three: '111', region: '11' } : '1234567890';
      const otherSubject = { ...asked, facts: { ...asked.facts, subject: { type, value } } };
      expect(ruleFor(service, otherSubject)).toBe('deny subject-type');
      const surplus = { ...asked.facts.params, shoeSize: '42' };
      expect(ruleFor(service, { ...asked, facts: { ...asked.facts, params: surplus } })).toBe(
        'deny input-valid',
      );
      for (const name of service.input.required) {
        const params = Json.parse(withMembers({ [name]: undefined })(asked.facts.params));
        expect(ruleFor(service, { ...asked, facts: { ...asked.facts, params } })).toBe(
          'deny input-valid',
        );
      }
      const otherBasis = requestFor(service.ref, required, { basis: 'habit' });
      expect(ruleFor(service, otherBasis)).toBe(
        required.bases === 'any' ? 'allow open-service' : 'deny basis-accepted',
      );
    },
  );

  it.each(sampleServices.map((service) => [service.ref, service] as const))(
    'is taken by the exchange for %s, and each purpose is',
    async (_, service) => {
      const required = await requirementsFor(service);
      const keys = await testKeys();
      const exchange = await makeExchange({ registry: sampleEntries(keys) });
      exchange.agencies.play(async () => ({ kind: 'timeout' }));
      for (const purpose of required.purposes) {
        const { inq, facts } = requestFor(service.ref, required, { purpose });
        const text = await exchange.request({ facts, claims: withInquiry(inq) });
        const { receipt } = await exchange.submit(text);
        const said: unknown = JSON.parse(
          Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString(),
        );
        expect(said).toMatchObject({ decision: { effect: 'allow' }, outcome: 'TIMEOUT' });
        exchange.clock.advance(1000);
      }
    },
  );

  it('is what the registry says, in the words of the wire', async () => {
    const required = await requirementsFor(
      serviceWith({ quota: { counter: { perSecond: 5 }, all: { perDay: 1000 } } }),
    );
    expect(required).toMatchObject({
      access: 'open',
      answered: true,
      message: {
        typ: 'inq-request+sd-jwt',
        maxLifetime: 300,
        algorithms: ['ES256', 'Ed25519'],
        facts: ['subject', 'params', 'case', 'operator'],
      },
      bases: 'any',
      level: 'read',
      fields: ['firstName', 'lastName', 'lifeStatus'],
      quotas: [
        { name: 'service-counter-second', per: 'second', most: 5 },
        { name: 'service-all-day', per: 'day', most: 1000 },
      ],
      timeout: 5000,
      hold: true,
      params: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        additionalProperties: false,
        required: ['birthDate'],
      },
    });
    expect(required).not.toHaveProperty('narrowed');
    expect(canonicalJson(Json.parse(required))).not.toContain('https://civil-registry.example');
  });

  it('says why a service is narrowed, and since when; without a grant it is denied', async () => {
    const justification = 'only where a death is recorded';
    const narrowed = [
      { target: 'identity', justification, from: testNow - 1000 },
      { target: 'another', justification: 'x y z', from: testNow },
    ];
    const everyone = everyoneOf({ narrowed });
    const required = await requirementsFor(identityService, [everyone]);
    expect(required.access).toBe('narrowed');
    expect(required.narrowed).toEqual([
      { target: 'identity', justification, since: new Date(testNow - 1000).toISOString() },
    ]);
    const asked = requestFor(identityService.ref, required);
    expect(ruleFor(identityService, asked, { everyone })).toBe('deny grant-missing');
  });

  it('holds what the agency limits for everybody, and nothing about one counter', async () => {
    const purposes = ['passport-issue'];
    const limits = [
      limitOf({
        target: 'identity',
        stopped: false,
        purposes,
        level: 'match',
        quota: { perDay: 9 },
      }),
    ];
    const everyone = everyoneOf({ limits });
    const own = accessOf({ agency: 'agency:civil-registry', limits: [limitOf({ stopped: true })] });
    const required = await requirementsFor(identityService, [everyone, own]);
    expect(required).toMatchObject({ purposes, level: 'match', answered: true });
    expect(required.quotas).toContainEqual({ name: 'limit-everyone-day', per: 'day', most: 9 });
    const asked = requestFor(identityService.ref, required);
    expect(ruleFor(identityService, asked, { everyone })).toBe('allow open-service');
    const other = requestFor(identityService.ref, required, { purpose: 'pension-enrolment' });
    expect(ruleFor(identityService, other, { everyone })).toBe('deny purpose-limited');
    const stopped = everyoneOf({ limits: [limitOf({ target: 'identity', stopped: true })] });
    const none = await requirementsFor(identityService, [stopped]);
    expect(none.answered).toBe(false);
    expect(ruleFor(identityService, asked, { everyone: stopped })).toBe('deny stopped-by-agency');
  });

  it('tells when a version ends', async () => {
    const ending = serviceWith({
      deprecated: { from: testNow, until: testNow + 1000, reason: 'a newer one' },
      retired: { from: testNow + 2000, reason: 'over' },
    });
    expect(await requirementsFor(ending)).toMatchObject({
      deprecatedFrom: new Date(testNow).toISOString(),
      keptUntil: new Date(testNow + 1000).toISOString(),
      retiredFrom: new Date(testNow + 2000).toISOString(),
    });
  });

  it('is as of a time where one is asked for', async () => {
    const narrowed = [{ target: 'identity', justification: 'as the law has it', from: testNow }];
    const access = async (at: number) => {
      const [found] = await versionsOf(
        [identityService],
        'civil-registry/identity',
        [everyoneOf({ narrowed })],
        at,
      );
      return found?.requirements.access;
    };
    // The first change was made a millisecond after the beginning, the second one later.
    expect(await access(testNow + 1)).toBe('open');
    expect(await access(testNow + 2)).toBe('narrowed');
  });
});
