import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { Code, RequestClaims, RequestFacts } from '#shared/message/claims.ts';
import { Subject } from '#shared/persian/subject.ts';
import { decide, isRule, type Rule, rules, type Snapshot } from '#shared/registry/decide.ts';
import { isLicenceValid, type Licence } from '#shared/registry/licence.ts';
import { requestClaimsAt, requestFactsExample, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, serviceWith } from '#tests/support/registry.ts';

type Question = {
  readonly claims: Pick<RequestClaims, 'inq'>;
  readonly facts: Pick<RequestFacts, 'subject'> & { readonly params: JsonObject };
};

const claims = RequestClaims.parse(requestClaimsAt(testNow, 'counter:72110345'));

const honest: Question = { claims, facts: RequestFacts.parse(requestFactsExample) };

const asking = (inq: Partial<RequestClaims['inq']>): Question => ({
  ...honest,
  claims: { inq: { ...claims.inq, ...inq } },
});

const about = (facts: Partial<Question['facts']>): Question => ({
  ...honest,
  facts: { ...honest.facts, ...facts },
});

const snapshot: Snapshot = {
  version: 12,
  participant: counterOf('counter:72110345'),
  service: identityService,
  agency: agencyOf('agency:civil-registry'),
};

const licensed = (change: Partial<Licence>): Snapshot['participant'] => {
  const counter = counterOf('counter:72110345');
  const { licence } = counter;
  return licence === undefined ? counter : { ...counter, licence: { ...licence, ...change } };
};

const unlicensed = counterOf('counter:72110345', { licence: undefined });

const retiredService = serviceWith({ status: 'retired' });

const legalEntity = Subject.parse({ type: 'ir-legal-id', value: '10380284790' });

/** Every rule that can deny, with what breaks it and nothing else. */
const denials: ReadonlyArray<{
  readonly rule: Rule;
  readonly when: string;
  readonly known?: Partial<Snapshot>;
  readonly question?: Question;
}> = [
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
  { rule: 'licence-valid', when: 'it has no licence', known: { participant: unlicensed } },
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
  { rule: 'service-exists', when: 'the service is retired', known: { service: retiredService } },
  { rule: 'agency-active', when: 'nobody knows the agency', known: { agency: undefined } },
  {
    rule: 'agency-active',
    when: 'the agency is suspended',
    known: { agency: agencyOf('agency:civil-registry', { status: 'suspended' }) },
  },
  {
    rule: 'purpose-allowed',
    when: 'the purpose is another one',
    question: asking({ purpose: 'curiosity' }),
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

describe('decide', () => {
  it('allows an inquiry that breaks no rule, and says which service it is for', () => {
    expect(decide(snapshot, honest, testNow)).toEqual({
      effect: 'allow',
      rule: 'open-service',
      registry: 12,
      service: identityService,
    });
  });

  it.each(denials)('denies by $rule when $when', ({ rule, known, question = honest }) => {
    const ruling = decide({ ...snapshot, ...known }, question, testNow);
    expect(ruling).toMatchObject({ effect: 'deny', rule, registry: 12 });
  });

  it('has an example for every rule', () => {
    const tried = new Set<string>([...denials.map(({ rule }) => rule), 'open-service']);
    expect(tried).toEqual(new Set(Object.keys(rules)));
  });

  it('names the first rule that is broken, in the order of the table', () => {
    const everything = {
      ...snapshot,
      participant: counterOf('counter:72110345', { status: 'left' }),
      service: undefined,
      agency: undefined,
    };
    expect(decide(everything, asking({ purpose: 'curiosity' }), testNow).rule).toBe(
      'participant-active',
    );
    const rest = { ...everything, participant: snapshot.participant };
    expect(decide(rest, asking({ purpose: 'curiosity' }), testNow).rule).toBe('service-exists');
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

const anySnapshot = fc
  .record({
    participant: fc.constantFrom(
      snapshot.participant,
      unlicensed,
      undefined,
      ...denials.flatMap(({ known }) =>
        known?.participant === undefined ? [] : [known.participant],
      ),
    ),
    service: fc.constantFrom(identityService, retiredService, undefined),
    agency: fc.constantFrom(
      snapshot.agency,
      undefined,
      agencyOf('agency:civil-registry', { status: 'left' }),
    ),
    version: fc.nat(),
  })
  .map((known): Snapshot => known);

const anyQuestion = fc.constantFrom(honest, ...denials.map(({ question = honest }) => question));

const anyTime = fc.integer({ min: testNow - 800 * 86_400_000, max: testNow + 800 * 86_400_000 });

describe('every decision', () => {
  it('is the same again for the same registry, question and time', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const first = decide(known, question, now);
        expect(decide(structuredClone(known), structuredClone(question), now)).toEqual(first);
        expect(first.registry).toBe(known.version);
        expect(isRule(first.rule)).toBe(true);
      }),
    );
  });

  it('never allows under a licence that does not hold', () => {
    fc.assert(
      fc.property(anySnapshot, anyQuestion, anyTime, (known, question, now) => {
        const { licence } = known.participant ?? {};
        const holds = licence !== undefined && isLicenceValid(licence, now);
        const { effect } = decide(known, question, now);
        expect(effect === 'deny' || (holds && licence.status === 'valid')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('allows nothing more when a purpose is taken away', () => {
    const purposes = ['pension-enrolment', 'passport-issue', 'banking-service', 'curiosity'].map(
      (purpose) => Code.parse(purpose),
    );
    fc.assert(
      fc.property(
        fc.subarray(purposes, { minLength: 2 }),
        fc.nat(),
        fc.constantFrom(...purposes),
        (allowed, at, purpose) => {
          const fewer = allowed.filter((_purpose, index) => index !== at % allowed.length);
          const known = { ...snapshot, service: serviceWith({ purposes: allowed }) };
          const narrowed = { ...snapshot, service: serviceWith({ purposes: fewer }) };
          const before = decide(known, asking({ purpose }), testNow);
          const after = decide(narrowed, asking({ purpose }), testNow);
          expect(after.effect === 'deny' || before.effect === 'allow').toBe(true);
          expect(after.effect === 'allow').toBe(fewer.includes(purpose));
        },
      ),
    );
  });
});
