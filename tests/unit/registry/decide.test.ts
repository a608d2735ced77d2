import { describe, expect, it } from 'vitest';
import type { RequestClaims } from '#shared/message/claims.ts';
import { Subject } from '#shared/persian/subject.ts';
import type { Grant, Limit } from '#shared/registry/access.ts';
import { decide, type Rule, rules, type Snapshot } from '#shared/registry/decide.ts';
import type { Delegation } from '#shared/registry/delegation.ts';
import type { Licence } from '#shared/registry/licence.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, serviceWith } from '#tests/support/registry.ts';
import {
  about,
  asking,
  delegated,
  delegatedSnapshot,
  honest,
  type Question,
  openSnapshot as snapshot,
} from './decision.ts';

const licensed = (change: Partial<Licence>): Snapshot['participant'] => {
  const counter = counterOf('counter:72110345');
  const { licence } = counter;
  return licence === undefined ? counter : { ...counter, licence: { ...licence, ...change } };
};

const legalEntity = Subject.parse({ type: 'ir-legal-id', value: '10380284790' });

/** What is known when the service is narrowed and the counter has these grants. */
const granted = (...grants: Grant[]): Partial<Snapshot> => ({
  everyone: narrowed(),
  own: accessOf({ grants }),
});

/** What is known when the agency has set this limit on the counter. */
const limited = (...limits: Limit[]): Partial<Snapshot> => ({
  own: accessOf({ limits }),
});

/** What is known when a software house asks for the counter. */
const acting = (change: Partial<Delegation>): Row => ({
  when: '',
  known: { ...delegatedSnapshot, delegation: delegationOf(change) },
  question: delegated,
});

type Row = {
  readonly when: string;
  readonly known?: Partial<Snapshot>;
  readonly question?: Question;
};

const retired = { from: testNow, reason: 'Replaced by the second version.' };

/** What is known where the legal basis of the honest question is confidential. */
const confidential: Partial<Snapshot> = { confidential: ['court.7', 'civil-code-1.12'] };

/** A service that accepts that basis by its name. */
const naming = serviceWith({ bases: ['civil-code-1.12'] });

/** Every rule that can deny, with what breaks it and nothing else. */
const denials: ReadonlyArray<Row & { readonly rule: Rule }> = [
  {
    rule: 'counter-named',
    when: 'a software house names no counter',
    known: { ...delegatedSnapshot, participant: houseOf() },
    question: asking({}, house),
  },
  {
    rule: 'counter-named',
    when: 'a guild names no counter',
    known: { ...delegatedSnapshot, participant: agencyOf('guild:counters') },
    question: asking({}, 'guild:counters'),
  },
  {
    rule: 'counter-named',
    when: 'a counter asks for another',
    known: { ...delegatedSnapshot, delegate: counterOf('counter:72110346') },
    question: asking({ for: 'counter:72110345' }, 'counter:72110346'),
  },
  {
    rule: 'counter-named',
    when: 'an agency asks for a counter',
    known: delegatedSnapshot,
    question: asking({ for: 'counter:72110345' }, 'agency:civil-registry'),
  },
  {
    rule: 'counter-named',
    when: 'what is named is no counter',
    known: delegatedSnapshot,
    question: asking({ for: 'agency:civil-registry' }, house),
  },
  {
    rule: 'delegate-active',
    when: 'nobody knows the software house',
    known: { ...delegatedSnapshot, delegate: undefined },
    question: delegated,
  },
  {
    rule: 'delegate-active',
    when: 'the software house is suspended',
    known: { ...delegatedSnapshot, delegate: houseOf({ status: 'suspended' }) },
    question: delegated,
  },
  {
    rule: 'delegation-missing',
    when: 'the counter gave it nothing',
    known: { ...delegatedSnapshot, delegation: undefined },
    question: delegated,
  },
  { ...acting({ status: 'revoked' }), rule: 'delegation-revoked', when: 'the counter revoked it' },
  {
    ...acting({ status: 'revoked', until: testNow }),
    rule: 'delegation-revoked',
    when: 'the counter revoked it, and it has ended since',
  },
  {
    ...acting({ until: testNow }),
    rule: 'delegation-expired',
    when: 'what it was given ends this millisecond',
  },
  {
    ...acting({ from: testNow + 1 }),
    rule: 'delegation-not-yet-valid',
    when: 'what it was given begins in a millisecond',
  },
  {
    ...acting({ services: ['civil-registry/life-status', 'telecom/identity'] }),
    rule: 'delegation-scope',
    when: 'it may ask for other services',
  },
  {
    rule: 'participant-active',
    when: 'the counter that is asked for is suspended',
    known: {
      ...delegatedSnapshot,
      participant: counterOf('counter:72110345', { status: 'suspended' }),
    },
    question: delegated,
  },
  {
    rule: 'licence-valid',
    when: 'the licence of the counter that is asked for is suspended',
    known: { ...delegatedSnapshot, participant: licensed({ status: 'suspended' }) },
    question: delegated,
  },
  {
    rule: 'basis-confidential',
    when: 'the legal basis is confidential, and the service names none',
    known: { ...confidential, own: accessOf({ grants: [grantOf()] }) },
  },
  {
    rule: 'basis-confidential',
    when: 'the legal basis is confidential, and the service names another',
    known: {
      ...confidential,
      own: accessOf({ grants: [grantOf()] }),
      service: serviceWith({ bases: ['customs-law-3'] }),
    },
  },
  {
    rule: 'grant-missing',
    when: 'the service is open and names the confidential basis, and the counter has no grant',
    known: { ...confidential, service: naming },
  },
  {
    rule: 'purpose-granted',
    when: 'the legal basis is confidential, and the grant is for another purpose',
    known: {
      ...confidential,
      service: naming,
      own: accessOf({ grants: [grantOf({ purposes: ['passport-issue'] })] }),
    },
  },
  {
    rule: 'grant-missing',
    when: 'the counter that is asked for has no grant',
    known: { ...delegatedSnapshot, everyone: narrowed() },
    question: delegated,
  },
  {
    rule: 'participant-active',
    when: 'nobody knows the counter',
    known: { participant: undefined },
  },
  {
    rule: 'participant-active',
    when: 'the counter is suspended',
    known: { participant: counterOf('counter:72110345', { status: 'suspended' }) },
  },
  {
    rule: 'participant-active',
    when: 'the counter has left',
    known: { participant: counterOf('counter:72110345', { status: 'left' }) },
  },
  {
    rule: 'licence-valid',
    when: 'it has no licence',
    known: { participant: counterOf('counter:72110345', { licence: undefined }) },
  },
  {
    rule: 'licence-valid',
    when: 'its licence is suspended',
    known: { participant: licensed({ status: 'suspended' }) },
  },
  {
    rule: 'licence-valid',
    when: 'its licence is revoked',
    known: { participant: licensed({ status: 'revoked' }) },
  },
  {
    rule: 'licence-valid',
    when: 'its licence ended this millisecond',
    known: { participant: licensed({ validUntil: testNow }) },
  },
  {
    rule: 'licence-valid',
    when: 'its licence begins in a millisecond',
    known: { participant: licensed({ validFrom: testNow + 1 }) },
  },
  { rule: 'service-exists', when: 'there is no such service', known: { service: undefined } },
  {
    rule: 'service-exists',
    when: 'the service is retired',
    known: { service: serviceWith({ status: 'retired' }) },
  },
  {
    rule: 'service-exists',
    when: 'the service retires this millisecond',
    known: { service: serviceWith({ retired }) },
  },
  { rule: 'agency-active', when: 'nobody knows the agency', known: { agency: undefined } },
  {
    rule: 'agency-active',
    when: 'the agency is suspended',
    known: { agency: agencyOf('agency:civil-registry', { status: 'suspended' }) },
  },
  {
    rule: 'stopped-by-agency',
    when: 'the counter is stopped for the service',
    known: limited(limitOf({ stopped: true })),
  },
  {
    rule: 'stopped-by-agency',
    when: 'the counter is stopped for the group of the service',
    known: limited(limitOf({ stopped: true, target: 'group:civil-registry' })),
  },
  {
    rule: 'stopped-by-agency',
    when: 'everybody is stopped for the service',
    known: { everyone: accessOf({ holder: '*', limits: [limitOf({ stopped: true })] }) },
  },
  {
    rule: 'stopped-by-agency',
    when: 'the counter is stopped although it has a grant',
    known: {
      everyone: narrowed(),
      own: accessOf({ grants: [grantOf()], limits: [limitOf({ stopped: true })] }),
    },
  },
  {
    rule: 'grant-missing',
    when: 'the agency decided nothing about the counter',
    known: { everyone: narrowed() },
  },
  {
    rule: 'grant-missing',
    when: 'its grant is for another service',
    known: granted(grantOf({ target: 'life-status' })),
  },
  {
    rule: 'grant-missing',
    when: 'its grant is for a group of the name of the service',
    known: granted(grantOf({ target: 'group:identity' })),
  },
  {
    rule: 'grant-missing',
    when: 'the group of the service is narrowed since this millisecond',
    known: { everyone: narrowed({ target: 'group:civil-registry', from: testNow }) },
  },
  {
    rule: 'grant-suspended',
    when: 'its grant is suspended',
    known: granted(grantOf({ status: 'suspended' })),
  },
  {
    rule: 'grant-expired',
    when: 'its grant ends this millisecond',
    known: granted(grantOf({ until: testNow })),
  },
  {
    rule: 'grant-expired',
    when: 'its grant is suspended and would have ended anyway',
    known: granted(grantOf({ status: 'suspended', until: testNow })),
  },
  {
    rule: 'grant-not-yet-valid',
    when: 'its grant begins in a millisecond',
    known: granted(grantOf({ from: testNow + 1 })),
  },
  {
    rule: 'grant-requested',
    when: 'it has asked for a grant',
    known: granted(grantOf({ status: 'requested' })),
  },
  {
    rule: 'grant-revoked',
    when: 'its grant was revoked',
    known: granted(grantOf({ status: 'revoked' })),
  },
  {
    rule: 'purpose-allowed',
    when: 'the purpose is another one',
    question: asking({ purpose: 'curiosity' }),
  },
  {
    rule: 'purpose-allowed',
    when: 'the purpose stands in the grant and not in the service',
    known: granted(grantOf({ purposes: ['curiosity'] })),
    question: asking({ purpose: 'curiosity' }),
  },
  {
    rule: 'purpose-granted',
    when: 'the grant is for another purpose',
    known: granted(grantOf({ purposes: ['passport-issue'] })),
  },
  {
    rule: 'purpose-limited',
    when: 'the counter is limited to another purpose',
    known: limited(limitOf({ purposes: ['passport-issue'] })),
  },
  {
    rule: 'purpose-limited',
    when: 'one of two limits leaves the purpose out',
    known: {
      ...limited(limitOf({ purposes: ['pension-enrolment'] })),
      everyone: accessOf({ holder: '*', limits: [limitOf({ purposes: ['passport-issue'] })] }),
    },
  },
  {
    rule: 'basis-accepted',
    when: 'the service names its legal bases and this is none of them',
    known: { service: serviceWith({ bases: ['pension-law-12'] }) },
    question: asking({ basis: 'customs-law-3' }),
  },
  {
    rule: 'subject-type',
    when: 'it is about a company',
    question: about({ subject: legalEntity }),
  },
  { rule: 'input-valid', when: 'a param is missing', question: about({ params: {} }) },
  {
    rule: 'input-valid',
    when: 'a param is of another form',
    question: about({ params: { birthDate: '1985-13-41' } }),
  },
  {
    rule: 'input-valid',
    when: 'there is a param too many',
    question: about({ params: { birthDate: '1985-03-21', more: 1 } }),
  },
];

/** For every rule that can deny, what it just lets through. */
const permissions: ReadonlyArray<Row & { readonly keeps: Rule; readonly rule: Rule }> = [
  {
    keeps: 'counter-named',
    rule: 'open-service',
    when: 'a counter names itself',
    question: asking({ for: 'counter:72110345' }),
  },
  {
    keeps: 'counter-named',
    rule: 'open-service',
    when: 'a guild names the counter',
    known: { ...delegatedSnapshot, delegate: agencyOf('guild:counters') },
    question: asking({ for: 'counter:72110345' }, 'guild:counters'),
  },
  {
    keeps: 'delegate-active',
    rule: 'open-service',
    when: 'the software house is active',
    known: delegatedSnapshot,
    question: delegated,
  },
  {
    keeps: 'delegation-missing',
    rule: 'open-service',
    when: 'the counter asks itself and has given nothing',
  },
  {
    ...acting({ reason: 'Renewed.' }),
    keeps: 'delegation-revoked',
    rule: 'open-service',
    when: 'a reason stands beside what is in force',
  },
  {
    ...acting({ until: testNow + 1 }),
    keeps: 'delegation-expired',
    rule: 'open-service',
    when: 'what it was given ends in a millisecond',
  },
  {
    ...acting({ from: testNow }),
    keeps: 'delegation-not-yet-valid',
    rule: 'open-service',
    when: 'what it was given begins this millisecond',
  },
  {
    ...acting({ services: ['civil-registry/life-status', 'civil-registry/identity'] }),
    keeps: 'delegation-scope',
    rule: 'open-service',
    when: 'the service is the second of those it may ask for',
  },
  {
    keeps: 'basis-confidential',
    rule: 'granted',
    when: 'the service is open and names the confidential basis, and the counter has a grant',
    known: { ...confidential, service: naming, own: accessOf({ grants: [grantOf()] }) },
  },
  {
    keeps: 'basis-confidential',
    rule: 'open-service',
    when: 'another legal basis is confidential',
    known: { confidential: ['court.7'] },
  },
  {
    keeps: 'grant-missing',
    rule: 'granted',
    when: 'the counter that is asked for has a grant',
    known: { ...delegatedSnapshot, ...granted(grantOf()) },
    question: delegated,
  },
  { keeps: 'participant-active', rule: 'open-service', when: 'the counter is active' },
  {
    keeps: 'licence-valid',
    rule: 'open-service',
    when: 'its licence begins this millisecond and ends in the next',
    known: { participant: licensed({ validFrom: testNow, validUntil: testNow + 1 }) },
  },
  {
    keeps: 'service-exists',
    rule: 'open-service',
    when: 'the service retires in a millisecond, and is deprecated',
    known: {
      service: serviceWith({
        retired: { ...retired, from: testNow + 1 },
        deprecated: { from: testNow, reason: 'Replaced by the second version.' },
      }),
    },
  },
  { keeps: 'agency-active', rule: 'open-service', when: 'the agency is active' },
  {
    keeps: 'stopped-by-agency',
    rule: 'open-service',
    when: 'the counter is stopped for another service and another group',
    known: limited(
      limitOf({ stopped: true, target: 'life-status' }),
      limitOf({ stopped: true, target: 'group:identity' }),
    ),
  },
  {
    keeps: 'grant-missing',
    rule: 'open-service',
    when: 'the service is narrowed in a millisecond',
    known: { everyone: narrowed({ from: testNow + 1 }) },
  },
  {
    keeps: 'grant-missing',
    rule: 'open-service',
    when: 'another service is narrowed',
    known: { everyone: narrowed({ target: 'life-status' }) },
  },
  {
    keeps: 'grant-missing',
    rule: 'granted',
    when: 'its grant is for the group of the service',
    known: granted(grantOf({ target: 'group:civil-registry' })),
  },
  {
    keeps: 'grant-suspended',
    rule: 'granted',
    when: 'a suspended grant stands beside the one that holds',
    known: granted(grantOf({ status: 'suspended' }), grantOf()),
  },
  {
    keeps: 'grant-expired',
    rule: 'granted',
    when: 'its grant ends in a millisecond',
    known: granted(grantOf({ until: testNow + 1 })),
  },
  {
    keeps: 'grant-not-yet-valid',
    rule: 'granted',
    when: 'its grant begins this millisecond',
    known: granted(grantOf({ from: testNow })),
  },
  {
    keeps: 'grant-requested',
    rule: 'granted',
    when: 'it has asked for another grant',
    known: granted(grantOf({ status: 'requested' }), grantOf()),
  },
  {
    keeps: 'grant-revoked',
    rule: 'open-service',
    when: 'its grant was revoked, and the service is open',
    known: { own: accessOf({ grants: [grantOf({ status: 'revoked' })] }) },
  },
  {
    keeps: 'purpose-allowed',
    rule: 'open-service',
    when: 'the purpose is another one that the service accepts',
    question: asking({ purpose: 'passport-issue' }),
  },
  {
    keeps: 'purpose-granted',
    rule: 'granted',
    when: 'the second grant is for the purpose',
    known: granted(
      grantOf({ purposes: ['passport-issue'] }),
      grantOf({ purposes: ['pension-enrolment'] }),
    ),
  },
  {
    keeps: 'purpose-granted',
    rule: 'open-service',
    when: 'a grant is for another purpose, and the service is open',
    known: { own: accessOf({ grants: [grantOf({ purposes: ['passport-issue'] })] }) },
  },
  {
    keeps: 'purpose-limited',
    rule: 'open-service',
    when: 'the counter is limited to two purposes, and this is the second',
    known: limited(limitOf({ purposes: ['passport-issue', 'pension-enrolment'] })),
  },
  {
    keeps: 'purpose-limited',
    rule: 'open-service',
    when: 'another service is limited to another purpose',
    known: limited(limitOf({ target: 'life-status', purposes: ['passport-issue'] })),
  },
  {
    keeps: 'basis-accepted',
    rule: 'open-service',
    when: 'the legal basis is one of those that the service names',
    known: { service: serviceWith({ bases: ['customs-law-3', 'pension-law-12'] }) },
    question: asking({ basis: 'pension-law-12' }),
  },
  {
    keeps: 'basis-accepted',
    rule: 'open-service',
    when: 'the service names no legal basis',
    question: asking({ basis: 'customs-law-3' }),
  },
  { keeps: 'subject-type', rule: 'open-service', when: 'it is about a person' },
  { keeps: 'input-valid', rule: 'open-service', when: 'the params fit' },
];

describe('decide', () => {
  it('allows an inquiry that breaks no rule, and says what it may be answered with', () => {
    expect(decide(snapshot, honest, testNow)).toEqual({
      effect: 'allow',
      rule: 'open-service',
      registry: 12,
      service: identityService,
      terms: { level: 'read', fields: ['firstName', 'lastName', 'lifeStatus'], quotas: [] },
    });
  });

  it.each(denials)('denies by $rule when $when', ({ rule, known, question = honest }) => {
    const ruling = decide({ ...snapshot, ...known }, question, testNow);
    expect(ruling).toMatchObject({ effect: 'deny', rule, registry: 12 });
  });

  it.each(permissions)('allows by $rule when $when', ({ rule, known, question = honest }) => {
    const ruling = decide({ ...snapshot, ...known }, question, testNow);
    expect(ruling).toMatchObject({ effect: 'allow', rule, registry: 12 });
  });

  it('has an example for every rule, kept and broken', () => {
    const allowing = new Set<string>(permissions.map(({ rule }) => rule));
    expect(allowing).toEqual(new Set(['open-service', 'granted']));
    const denying = new Set(Object.keys(rules)).difference(allowing);
    expect(new Set<string>(denials.map(({ rule }) => rule))).toEqual(denying);
    expect(new Set<string>(permissions.map(({ keeps }) => keeps))).toEqual(denying);
  });

  it('names the first rule that is broken, in this order', () => {
    const other = ['passport-issue'];
    const [limits, grants] = [[limitOf({ purposes: other })], [grantOf({ purposes: other })]];
    const unlicensed = counterOf('counter:72110345', { licence: undefined });
    const nothingRight: Snapshot & Question = {
      version: 12,
      participant: undefined,
      service: undefined,
      agency: undefined,
      own: accessOf({ limits: [...limits, limitOf({ stopped: true })] }),
      everyone: narrowed(),
      confidential: ['unknown-basis'],
      claims: asking({ purpose: 'curiosity', basis: 'unknown-basis' }, house).claims,
      facts: { ...honest.facts, subject: legalEntity, params: {} },
    };
    const asked = (inq: Partial<RequestClaims['inq']>): Pick<Question, 'claims'> => ({
      claims: asking({ for: 'counter:72110345', ...inq }, house).claims,
    });
    const wrong = { status: 'revoked', from: testNow + 2, until: testNow } as const;
    const services = ['post/postal-address'];
    const mended = [
      ['counter-named', asked({ purpose: 'curiosity', basis: 'unknown-basis' })],
      ['delegate-active', { delegate: houseOf() }],
      ['delegation-missing', { delegation: delegationOf({ ...wrong, services }) }],
      [
        'delegation-revoked',
        { delegation: delegationOf({ ...wrong, services, status: 'active' }) },
      ],
      ['delegation-expired', { delegation: delegationOf({ from: testNow + 2, services }) }],
      ['delegation-not-yet-valid', { delegation: delegationOf({ services }) }],
      ['delegation-scope', { delegation: delegationOf() }],
      ['participant-active', { participant: unlicensed }],
      ['licence-valid', { participant: snapshot.participant }],
      ['service-exists', { service: serviceWith({ bases: ['customs-law-3'] }) }],
      ['agency-active', { agency: snapshot.agency }],
      ['stopped-by-agency', { own: accessOf({ limits }) }],
      ['basis-confidential', { confidential: ['court.7'] }],
      ['grant-missing', { own: accessOf({ limits, grants }) }],
      ['purpose-allowed', asked({ basis: 'unknown-basis' })],
      ['purpose-granted', { own: accessOf({ limits, grants: [grantOf()] }) }],
      ['purpose-limited', { own: accessOf({ grants: [grantOf()] }) }],
      ['basis-accepted', asked({ basis: 'customs-law-3' })],
      ['subject-type', { facts: { ...honest.facts, params: {} } }],
      ['input-valid', { facts: honest.facts }],
    ] as const;
    const end = mended.reduce((known, [rule, mend]) => {
      expect(decide(known, known, testNow).rule).toBe(rule);
      return { ...known, ...mend };
    }, nothingRight);
    expect(decide(end, end, testNow).rule).toBe('granted');
  });

  it('gives the most telling reason of several grants that do not hold', () => {
    const telling = [
      ['grant-suspended', grantOf({ status: 'suspended' })],
      ['grant-expired', grantOf({ until: testNow })],
      ['grant-not-yet-valid', grantOf({ from: testNow + 1 })],
      ['grant-requested', grantOf({ status: 'requested' })],
      ['grant-revoked', grantOf({ status: 'revoked' })],
    ] as const;
    for (const [at, [rule]] of telling.entries()) {
      const grants = telling.slice(at).map(([, grant]) => grant);
      for (const order of [grants, grants.toReversed()]) {
        const known = { ...snapshot, ...granted(...order) };
        expect(decide(known, honest, testNow).rule).toBe(rule);
      }
    }
  });

  it('points at what is wrong with a subject and with params, and nowhere else', () => {
    expect(decide(snapshot, about({ subject: legalEntity }), testNow)).toMatchObject({
      errors: [{ pointer: '/subject/type', detail: 'must be ir-national-id' }],
    });
    expect(decide(snapshot, about({ params: { birthDate: 'x' } }), testNow)).toMatchObject({
      errors: [{ pointer: '/params/birthDate' }],
    });
    expect(decide(snapshot, asking({ purpose: 'curiosity' }), testNow)).toMatchObject({
      errors: [],
    });
  });
});
