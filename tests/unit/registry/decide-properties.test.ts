import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { Level } from '#shared/message/claims.ts';
import { Subject } from '#shared/persian/subject.ts';
import type { Access, Grant, Limit } from '#shared/registry/access.ts';
import { decide, isRule, type Ruling, rules, type Snapshot } from '#shared/registry/decide.ts';
import { isLicenceValid } from '#shared/registry/licence.ts';
import { isAnswered } from '#shared/registry/service.ts';
import { accessOf, grantOf, limitOf } from '#tests/support/access.ts';
import { testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, serviceWith } from '#tests/support/registry.ts';
import { about, asking, honest, openSnapshot } from './decision.ts';

const purposes = ['pension-enrolment', 'passport-issue', 'banking-service', 'curiosity'];
const fields = ['firstName', 'lastName', 'fatherName', 'lifeStatus'];
const day = 86_400_000;

/** Often now, so that its two sides are met. */
const anyTime = fc.oneof(
  fc.constantFrom(testNow - 1, testNow, testNow + 1),
  fc.integer({ min: testNow - 800 * day, max: testNow + 800 * day }),
);

/** Mostly the ones that let an inquiry through, so that every rule after them is reached. */
const mostly = <Value>(usual: Value, rest: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: rest });

const anyLevel = fc.constantFrom(...Level.options);
const anyTarget = fc.constantFrom('identity', 'identity', 'group:civil-registry', 'life-status');

/** Some of the members of a grant or of a limit. */
const anyBounds = fc.record(
  {
    purposes: fc.subarray(purposes, { minLength: 1 }),
    level: anyLevel,
    fields: fc.subarray(fields),
  },
  { requiredKeys: [] },
);

const anyGrant: fc.Arbitrary<Grant> = fc
  .tuple(
    anyBounds,
    fc.record({
      id: fc.uuid({ version: 7 }),
      target: anyTarget,
      status: fc.constantFrom('active', 'active', 'active', 'requested', 'suspended', 'revoked'),
      from: mostly(testNow - 1, anyTime),
      until: mostly(testNow + 2, anyTime),
    }),
  )
  .map(([bounds, { id, ...rest }]) => grantOf({ ...rest, id: InquiryId.parse(id), ...bounds }));

const anyLimit: fc.Arbitrary<Limit> = fc
  .tuple(anyBounds, anyTarget, fc.constantFrom(false, false, false, true))
  .map(([bounds, target, stopped]) => limitOf({ ...bounds, target, stopped }));

const anyAccess = (holder: string): fc.Arbitrary<Access> =>
  fc
    .record({
      grants: fc.array(anyGrant, { maxLength: 4 }),
      limits: fc.array(anyLimit, { maxLength: 3 }),
      narrowed: fc.array(
        fc.record({
          target: anyTarget,
          from: mostly(testNow - 1, anyTime),
          justification: fc.constant('A pilot.'),
        }),
        { maxLength: 2 },
      ),
    })
    .map((decided) => accessOf({ holder, ...decided }));

const anyParticipant = fc
  .record({
    status: fc.constantFrom('active', 'active', 'active', 'suspended', 'left'),
    licence: fc.option(
      fc.record({
        status: fc.constantFrom('valid', 'valid', 'valid', 'suspended', 'revoked'),
        validFrom: anyTime,
        validUntil: anyTime,
      }),
      { nil: undefined },
    ),
  })
  .map(({ status, licence }) => {
    const counter = counterOf('counter:72110345', { status });
    const { licence: own } = counter;
    if (licence === undefined || own === undefined) return { ...counter, licence: undefined };
    return { ...counter, licence: { ...own, ...licence } };
  });

const anyService = fc
  .record({
    status: fc.constantFrom('active', 'active', 'active', 'retired'),
    level: anyLevel,
    fields: fc.subarray(fields),
    purposes: fc.subarray(purposes, { minLength: 1 }),
    bases: fc.constantFrom(undefined, ['civil-code-1.12'], ['customs-law-3']),
    retired: fc.option(anyTime, { nil: undefined }),
  })
  .map(({ retired, ...change }) =>
    serviceWith({
      ...change,
      retired: retired === undefined ? undefined : { from: retired, reason: 'Replaced.' },
    }),
  );

const none = fc.constant(undefined);

const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  version: fc.nat(),
  participant: mostly(openSnapshot.participant, fc.oneof(anyParticipant, none)),
  service: mostly(identityService, fc.oneof(anyService, none)),
  agency: mostly(
    openSnapshot.agency,
    fc.constantFrom(undefined, agencyOf('agency:civil-registry', { status: 'left' })),
  ),
  own: fc.oneof(anyAccess('counter:72110345'), none),
  everyone: fc.oneof(anyAccess('*'), none),
});

const anyQuestion = fc.constantFrom(
  honest,
  honest,
  asking({ purpose: 'passport-issue' }),
  asking({ purpose: 'curiosity' }),
  about({ params: {} }),
  about({ subject: Subject.parse({ type: 'ir-legal-id', value: '10380284790' }) }),
);

const frozen = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
};

const rankOf = (level: Level): number => Level.options.indexOf(level);

/** Whether a ruling allows nothing that another one does not. */
const isWithin = (inner: Ruling, outer: Ruling): boolean => {
  if (inner.effect === 'deny') return true;
  if (outer.effect === 'deny') return false;
  return (
    rankOf(inner.terms.level) <= rankOf(outer.terms.level) &&
    inner.terms.fields.every((field) => outer.terms.fields.includes(field))
  );
};

const runs = { numRuns: 2000 };

describe('every decision', () => {
  it('is the same again for the same registry, question and time, and changes neither', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const first = decide(structuredClone(known), structuredClone(question), now);
        expect(decide(frozen(structuredClone(known)), frozen(question), now)).toEqual(first);
        expect(first.registry).toBe(known.version);
        expect(isRule(first.rule)).toBe(true);
      }),
      runs,
    );
  });

  it('comes to every rule in the registries that are tried here', () => {
    const made = fc.sample(fc.tuple(anySnapshot, anyQuestion, anyTime), { numRuns: 5000, seed: 7 });
    const met = new Set<string>(
      made.map(([known, question, now]) => decide(known, question, now).rule),
    );
    expect(new Set(Object.keys(rules)).difference(met)).toEqual(new Set());
  });

  it('never allows under a licence that does not hold, nor a service that is not answered', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const ruling = decide(known, question, now);
        if (ruling.effect === 'deny') return;
        const { licence } = known.participant ?? {};
        expect(licence?.status).toBe('valid');
        expect(licence !== undefined && isLicenceValid(licence, now)).toBe(true);
        expect(isAnswered(ruling.service, now)).toBe(true);
      }),
      runs,
    );
  });

  it('never allows a counter that is stopped', () => {
    const stop = fc.constantFrom('identity', 'group:civil-registry');
    fc.assert(
      fc.property(
        anySnapshot,
        anyQuestion,
        anyTime,
        stop,
        fc.boolean(),
        (known, question, now, target, all) => {
          const limit = limitOf({ stopped: true, target });
          const who = all ? 'everyone' : 'own';
          const before = known[who] ?? accessOf({ holder: all ? '*' : 'counter:72110345' });
          const stopped = { ...known, [who]: { ...before, limits: [...before.limits, limit] } };
          expect(decide(stopped, question, now).effect).toBe('deny');
        },
      ),
      runs,
    );
  });

  it('gives no more than the service has', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const ruling = decide(known, question, now);
        if (ruling.effect === 'deny') return;
        const { service, terms } = ruling;
        expect(rankOf(terms.level)).toBeLessThanOrEqual(rankOf(service.level));
        const passed = service.level === 'verify' ? [] : service.fields;
        expect(passed).toEqual(expect.arrayContaining([...terms.fields]));
        expect(terms.level === 'verify' && terms.fields.length > 0).toBe(false);
      }),
      runs,
    );
  });

  it('gives no more than the grant that it names, and than any limit', () => {
    fc.assert(
      fc.property(anySnapshot, anyTime, (known, now) => {
        const ruling = decide(known, honest, now);
        if (ruling.effect === 'deny') return;
        const { grant: id, level, fields: passed } = ruling.terms;
        const isMeant = ({ target }: Grant | Limit): boolean => target !== 'life-status';
        const grants = (known.own?.grants ?? []).filter((grant) => grant.id === id);
        const limits = [...(known.own?.limits ?? []), ...(known.everyone?.limits ?? [])];
        expect(grants.length > 0).toBe(ruling.rule === 'granted');
        for (const bound of [...grants, ...limits.filter(isMeant)]) {
          expect(rankOf(level)).toBeLessThanOrEqual(rankOf(bound.level ?? 'read'));
          expect(bound.fields ?? passed).toEqual(expect.arrayContaining([...passed]));
          expect(bound.purposes ?? ['pension-enrolment']).toContain('pension-enrolment');
        }
      }),
      runs,
    );
  });

  it('allows nothing more when a limit is added', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        anyQuestion,
        anyTime,
        anyLimit,
        fc.constantFrom('own', 'everyone'),
        (known, question, now, limit, who) => {
          const before = known[who] ?? accessOf({ holder: who === 'own' ? 'counter:1' : '*' });
          const limited = { ...known, [who]: { ...before, limits: [limit, ...before.limits] } };
          expect(isWithin(decide(limited, question, now), decide(known, question, now))).toBe(true);
        },
      ),
      runs,
    );
  });

  it('allows nothing when the last grant is taken away, and else what another grant gives alone', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, fc.nat(), (known, question, now, at) => {
        const { own } = known;
        if (own === undefined || own.grants.length === 0) return;
        const only = (grants: readonly Grant[]): Ruling =>
          decide({ ...known, own: { ...own, grants: [...grants] } }, question, now);
        const left = own.grants.filter((_grant, index) => index !== at % own.grants.length);
        const [before, after] = [only(own.grants), only(left)];
        expect(after.effect === 'deny' || before.effect === 'allow').toBe(true);
        expect(left.length > 0 || isWithin(after, before)).toBe(true);
        const alone = left.map((grant) => only([grant]));
        expect(after.rule !== 'granted' || alone.some((ruling) => isWithin(after, ruling))).toBe(
          true,
        );
      }),
      runs,
    );
  });

  it('is not moved by any grant while the service is open', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, anyGrant, (known, question, now, grant) => {
        const everyone = known.everyone && { ...known.everyone, narrowed: [] };
        const own = known.own ?? accessOf({});
        const [without, withOne] = [[], [grant]].map((grants) =>
          decide({ ...known, everyone, own: { ...own, grants } }, question, now),
        );
        expect(withOne).toEqual(without);
      }),
      runs,
    );
  });

  it('allows nothing more when a purpose is taken away from the service', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        fc.constantFrom(...purposes),
        anyTime,
        fc.nat(),
        (known, purpose, now, at) => {
          if (known.service === undefined || known.service.purposes.length < 2) return;
          const { purposes: before } = known.service;
          const fewer = before.filter((_purpose, index) => index !== at % before.length);
          const narrower = { ...known, service: { ...known.service, purposes: fewer } };
          const after = decide(narrower, asking({ purpose }), now);
          expect(isWithin(after, decide(known, asking({ purpose }), now))).toBe(true);
          expect(after.effect === 'deny' || fewer.includes(purpose)).toBe(true);
        },
      ),
      runs,
    );
  });
});
