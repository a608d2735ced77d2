import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Level } from '#shared/message/claims.ts';
import type { Grant, Limit } from '#shared/registry/access.ts';
import {
  assess,
  decide,
  decideAsKnown,
  isRule,
  type Ruling,
  rules,
  type Snapshot,
} from '#shared/registry/decide.ts';
import { isLicenceValid } from '#shared/registry/licence.ts';
import { isAnswered } from '#shared/registry/service.ts';
import { accessOf, limitOf } from '#tests/support/access.ts';
import { delegationOf, houseOf } from '#tests/support/delegation.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';
import { anyGrant, anyLimit, anyQuestion, anySnapshot, anyTime, purposes } from './any-case.ts';
import { asking, honest, openSnapshot, type Question } from './decision.ts';

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

  it('never allows one who asks for a counter that does not let it, at this time, for this service', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const { iss, inq } = question.claims;
        const ruling = decide(known, question, now);
        if (ruling.effect === 'deny' || iss === 'counter:72110345') return;
        const { delegation } = known;
        expect([iss.split(':', 1)[0], inq.for]).toEqual(['vendor', 'counter:72110345']);
        expect(known.delegate?.status).toBe('active');
        expect(delegation?.status).toBe('active');
        expect(now >= (delegation?.from ?? now + 1) && now < (delegation?.until ?? 0)).toBe(true);
        expect(delegation?.services).not.toEqual(['civil-registry/life-status']);
      }),
      runs,
    );
  });

  it('gives whoever asks for a counter no more than the counter would be given', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const { for: counter = question.claims.iss, ...inq } = question.claims.inq;
        const own = decide(known, { ...question, claims: { iss: counter, inq } }, now);
        const ruling = decide(known, question, now);
        expect(isWithin(ruling, own)).toBe(true);
        expect(ruling.effect === 'deny' || ruling.rule === own.rule).toBe(true);
      }),
      runs,
    );
  });

  it('of a counter is not moved by what it lets others do', () => {
    fc.assert(
      fc.property(anySnapshot, anyTime, (known, now) => {
        const alone = { ...known, delegate: undefined, delegation: undefined };
        expect(decide(alone, honest, now)).toEqual(decide(known, honest, now));
      }),
      runs,
    );
  });

  it('allows nothing when the delegation is taken away', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        if (question.claims.iss === 'counter:72110345') return;
        const without = decide({ ...known, delegation: undefined }, question, now);
        expect(without.effect).toBe('deny');
      }),
      runs,
    );
  });

  it('is under a confidential basis for services that name it and counters with a grant only', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        anyGrant,
        anyQuestion,
        fc.boolean(),
        (found, grant, question, named) => {
          const { basis } = question.claims.inq;
          const service = named ? serviceWith({ bases: ['customs-law-3', basis] }) : found.service;
          const own = found.own ?? accessOf({ grants: [grant] });
          const known = { ...found, own, service };
          const ruling = decide({ ...known, confidential: [basis] }, question, testNow);
          expect(isWithin(ruling, decide({ ...known, confidential: [] }, question, testNow))).toBe(
            true,
          );
          if (ruling.effect === 'deny') return;
          expect(ruling.service.bases).toContain(basis);
          expect([ruling.rule, typeof ruling.terms.grant]).toEqual(['granted', 'string']);
        },
      ),
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

  it('is not moved by any grant while the service is open and no basis is confidential', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, anyGrant, (known, question, now, grant) => {
        const everyone = known.everyone && { ...known.everyone, narrowed: [] };
        const own = known.own ?? accessOf({});
        const [without, withOne] = [[], [grant]].map((grants) =>
          decide({ ...known, confidential: [], everyone, own: { ...own, grants } }, question, now),
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

const denying = Object.keys(rules).filter((rule) => rule !== 'open-service' && rule !== 'granted');

/** The rules that look at what an inquiry discloses. */
const ofFacts = ['subject-type', 'input-valid'];

/** Other things to look at, and the first rule that does. */
const mends: readonly {
  readonly first: string;
  readonly known?: Partial<Snapshot>;
  readonly question?: Partial<Question>;
}[] = [
  { first: 'delegate-active', known: { delegate: houseOf() } },
  { first: 'delegation-missing', known: { delegation: delegationOf() } },
  { first: 'participant-active', known: { participant: openSnapshot.participant } },
  { first: 'service-exists', known: { service: identityService } },
  { first: 'agency-active', known: { agency: openSnapshot.agency } },
  { first: 'stopped-by-agency', known: { own: undefined, everyone: undefined } },
  { first: 'subject-type', question: { facts: honest.facts } },
];

describe('an assessment', () => {
  it('has every rule that can deny, in their order, and decides by the first that failed', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const assessed = assess(known, question, now);
        expect(assessed.map(({ rule }) => rule)).toEqual(denying);
        const failed = assessed.find(({ result }) => result === 'failed');
        const ruling = decide(known, question, now);
        const { rule, errors = [] } = failed ?? {};
        const passed = assessed.every(({ result }) => result === 'passed');
        expect(passed).toBe(ruling.effect === 'allow');
        expect(ruling.effect === 'allow' ? undefined : ruling.rule).toBe(rule);
        expect(ruling.effect === 'allow' ? [] : ruling.errors).toEqual(errors);
      }),
      runs,
    );
  });

  it('skips a rule only where an earlier one failed', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const results = assess(known, question, now).map(({ result }) => result);
        const [skipped, failed] = [results.indexOf('skipped'), results.indexOf('failed')];
        expect(skipped === -1 || (failed !== -1 && failed < skipped)).toBe(true);
      }),
      runs,
    );
  });

  it.each(mends)('is the same before $first whatever becomes of what it looks at', (mend) => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const at = denying.indexOf(mend.first);
        const mended = assess({ ...known, ...mend.known }, { ...question, ...mend.question }, now);
        expect(mended.slice(0, at)).toEqual(assess(known, question, now).slice(0, at));
      }),
      { numRuns: 500 },
    );
  });

  it('without the facts skips what looks at them and nothing else, and decides by the rest', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const without = { claims: question.claims };
        expect(assess(known, without, now)).toEqual(
          assess(known, question, now).map(({ rule, result }) => ({
            rule,
            result: ofFacts.includes(rule) ? 'skipped' : result,
          })),
        );
        const mended = { ...question, facts: honest.facts };
        const [asKnown, ruling] = [decideAsKnown(known, without, now), decide(known, mended, now)];
        const unknown = ruling.effect === 'deny' && ofFacts.includes(ruling.rule);
        expect(unknown ? 'allow' : ruling).toEqual(unknown ? asKnown.effect : asKnown);
      }),
      runs,
    );
  });
});
