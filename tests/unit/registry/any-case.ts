/** Registries, inquiries and times of which most let an inquiry through, and some do not. */
import fc from 'fast-check';
import { InquiryId } from '#shared/kernel/id.ts';
import { Level } from '#shared/message/claims.ts';
import { Subject } from '#shared/persian/subject.ts';
import type { Access, Grant, Limit } from '#shared/registry/access.ts';
import type { Snapshot } from '#shared/registry/decide.ts';
import { accessOf, grantOf, limitOf } from '#tests/support/access.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, serviceWith } from '#tests/support/registry.ts';
import { about, asking, honest, openSnapshot, type Question } from './decision.ts';

export const purposes = ['pension-enrolment', 'passport-issue', 'banking-service', 'curiosity'];
const fields = ['firstName', 'lastName', 'fatherName', 'lifeStatus'];
const day = 86_400_000;

/** Often now, so that its two sides are met. */
export const anyTime = fc.oneof(
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

export const anyGrant: fc.Arbitrary<Grant> = fc
  .tuple(
    anyBounds,
    fc.record({
      // A time whose year has four digits.
      id: fc.uuid({ version: 7 }).map((id) => InquiryId.parse(`0${id.slice(1)}`)),
      target: anyTarget,
      status: fc.constantFrom('active', 'active', 'active', 'requested', 'suspended', 'revoked'),
      from: mostly(testNow - 1, anyTime),
      until: mostly(testNow + 2, anyTime),
    }),
  )
  .map(([bounds, { id, ...rest }]) => grantOf({ ...rest, id, ...bounds }));

export const anyLimit: fc.Arbitrary<Limit> = fc
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

const anyDelegation = fc
  .record({
    status: fc.constantFrom('active', 'active', 'revoked'),
    services: fc.constantFrom([], ['civil-registry/identity'], ['civil-registry/life-status']),
    from: mostly(testNow - 1, anyTime),
    until: mostly(testNow + 2, anyTime),
  })
  .map(({ services, ...given }) => delegationOf({ ...given, services: [...services] }));

export const anySnapshot: fc.Arbitrary<Snapshot> = fc.record({
  confidential: fc.constantFrom(undefined, [], ['court.7'], ['civil-code-1.12']),
  version: fc.nat(),
  participant: mostly(openSnapshot.participant, fc.oneof(anyParticipant, none)),
  service: mostly(identityService, fc.oneof(anyService, none)),
  agency: mostly(
    openSnapshot.agency,
    fc.constantFrom(undefined, agencyOf('agency:civil-registry', { status: 'left' })),
  ),
  own: fc.oneof(anyAccess('counter:72110345'), none),
  everyone: fc.oneof(anyAccess('*'), none),
  delegate: mostly(houseOf(), fc.constantFrom(undefined, houseOf({ status: 'suspended' }))),
  delegation: mostly(delegationOf(), fc.oneof(anyDelegation, none)),
});

const ownQuestion = fc.constantFrom(
  honest,
  honest,
  asking({ purpose: 'passport-issue' }),
  asking({ purpose: 'curiosity' }),
  about({ params: {} }),
  about({ subject: Subject.parse({ type: 'ir-legal-id', value: '10380284790' }) }),
);

/** Who asks for whom: mostly the counter itself. */
const anyAsker = fc.constantFrom(
  {},
  {},
  {},
  { by: house, for: 'counter:72110345' },
  { by: house, for: 'counter:72110345' },
  { by: house },
  { by: 'counter:72110346', for: 'counter:72110345' },
);

export const anyQuestion: fc.Arbitrary<Question> = fc
  .tuple(ownQuestion, anyAsker)
  .map(([question, { by, ...named }]) => ({
    ...question,
    claims: {
      iss: by ?? question.claims.iss,
      inq: { ...question.claims.inq, ...named },
    },
  }));
