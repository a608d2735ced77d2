import { beforeAll, describe, expect, it } from 'vitest';
import { type CheckCode, checks } from '#shared/inquiry/checks.ts';
import { diagnose } from '#shared/inquiry/diagnose.ts';
import type { Diagnosis } from '#shared/inquiry/diagnosis.ts';
import { standingContext, textOf } from '#tests/conformance/hostile/context.ts';
import { hostileTokens } from '#tests/conformance/hostile-tokens.ts';
import {
  inquiryFor,
  makeExchange,
  refusal,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import {
  inquiryIdAt,
  type Overrides,
  requestFactsExample,
  testNow,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { counterOf, serviceWith } from '#tests/support/registry.ts';

const diagnosed = ({ exchange }: TestExchange, text: string): Promise<Diagnosis> =>
  diagnose(exchange)(text);

/** The codes of each result; what passed is often too much to name. */
const codesBy = (
  { checks: results }: Diagnosis,
  result: 'passed' | 'failed' | 'skipped',
): readonly CheckCode[] => results.filter((one) => one.result === result).map(({ code }) => code);

const agencyChecks = [...checks.keys()].filter((code) => code.startsWith('agency-'));
const policyChecks = [...checks.keys()].filter((code) => code.startsWith('policy-'));

describe('a message that would be sent on', () => {
  let exchange: TestExchange;
  let found: Diagnosis;
  let text: string;

  beforeAll(async () => {
    exchange = await makeExchange();
    text = await exchange.request();
    found = await diagnosed(exchange, text);
  });

  it('passes every check but those of the agency, which is not asked', () => {
    expect(found).toMatchObject({
      outcome: 'sent-on',
      decision: { effect: 'allow', rule: 'open-service' },
    });
    expect(found).not.toHaveProperty('check');
    expect(codesBy(found, 'failed')).toEqual([]);
    expect(codesBy(found, 'skipped')).toEqual(agencyChecks);
    expect(found.checks.map(({ code }) => code)).toEqual([...checks.keys()]);
  });

  it('leaves nothing behind, and can be sent in earnest afterwards', async () => {
    const { journal, agencies, meters, refusals, submit } = exchange;
    expect(journal.dump()).toEqual([]);
    expect(journal.faults.calls('putIntent')).toBe(0);
    expect(agencies.calls).toEqual([]);
    expect(meters.faults.calls('take')).toBe(0);
    expect(refusals.dump()).toEqual([]);
    expect((await submit(text)).problem).toBeUndefined();
  });

  it('is answered for again once it stands, by a fresh token only', async () => {
    await exchange.submit(text).catch(() => undefined);
    expect(await diagnosed(exchange, text)).toMatchObject({
      outcome: 'refused',
      check: 'token-unused',
      problem: 'replayed',
    });
    const retry = await diagnosed(exchange, await exchange.retry(text));
    expect(retry).toMatchObject({ outcome: 'stands' });
    expect(codesBy(retry, 'skipped')).toEqual(
      expect.arrayContaining(['token-unused', 'inquiry-fresh']),
    );
    const other = await exchange.retry(text, { claims: withInquiry({ seq: 7 }) });
    expect(await diagnosed(exchange, other)).toMatchObject({
      check: 'id-unused',
      problem: 'reference-conflict',
    });
  });
});

describe('a diagnosis', () => {
  const refused: ReadonlyArray<{
    readonly name: string;
    readonly parts: Overrides;
    readonly failed: readonly CheckCode[];
  }> = [
    {
      name: 'an id that is not fresh',
      parts: { claims: withInquiry({ id: inquiryIdAt(testNow - 10_001) }) },
      failed: ['inquiry-fresh'],
    },
    {
      name: 'a purpose that the service does not know',
      parts: { claims: withInquiry({ purpose: 'curiosity' }) },
      failed: ['policy-purpose-allowed'],
    },
    {
      name: 'a service that nobody offers',
      parts: { claims: withInquiry({ service: 'civil-registry/horoscope@1' }) },
      failed: ['policy-service-exists'],
    },
    {
      name: 'params that do not fit',
      parts: { facts: { ...requestFactsExample, params: { birthDate: 'secret' } } },
      failed: ['policy-input-valid'],
    },
    {
      name: 'a stale id and a wrong purpose and wrong params at once',
      parts: {
        facts: { ...requestFactsExample, params: {} },
        claims: withInquiry({ id: inquiryIdAt(testNow - 60_000), purpose: 'curiosity' }),
      },
      failed: ['inquiry-fresh', 'policy-purpose-allowed', 'policy-input-valid'],
    },
    {
      name: 'many members of the wrong form',
      parts: {
        facts: { ...requestFactsExample, case: '' },
        claims: (honest) => withInquiry({ seq: 0, purpose: '!' })(withMembers({ jti: '' })(honest)),
      },
      failed: ['claim-jti', 'inq-seq', 'inq-purpose', 'fact-case'],
    },
    {
      name: 'another issuer, another audience and no time left',
      parts: {
        claims: withMembers({
          iss: 'counter:99999999',
          aud: 'https://elsewhere.example/',
          exp: testNow / 1000 - 60,
          iat: testNow / 1000 - 90,
        }),
      },
      failed: ['issuer-owns-key', 'audience', 'not-expired'],
    },
  ];

  it.each(refused)('tells of $name all that is wrong', async ({ parts, failed }) => {
    const exchange = await makeExchange();
    const found = await diagnosed(exchange, await exchange.request(parts));

    expect(codesBy(found, 'failed')).toEqual(failed);
    expect(found).toMatchObject({ outcome: 'refused', check: failed[0] });
    expect(JSON.stringify(found)).not.toMatch(/secret|0499370899|operator-7/);
  });

  it.each(refused)('names for $name what the exchange would', async ({ parts }) => {
    const exchange = await makeExchange();
    const text = await exchange.request(parts);
    const { check, problem } = await diagnosed(exchange, text);
    const told = await exchange
      .submit(text)
      .then((settled) => settled.problem)
      .catch((error: unknown) => error);

    expect(told).toMatchObject({ name: problem, extras: { check } });
  });

  it('points into the params without showing them', async () => {
    const exchange = await makeExchange();
    const facts = { ...requestFactsExample, params: { birthDate: 'secret' } };
    const { checks: results } = await diagnosed(exchange, await exchange.request({ facts }));

    expect(results.find(({ code }) => code === 'policy-input-valid')).toMatchObject({
      result: 'failed',
      errors: [{ pointer: '/params/birthDate' }],
    });
  });

  it('judges policy without the facts where they are not right', async () => {
    const exchange = await makeExchange();
    const facts = { ...requestFactsExample, operator: '' };
    const claims = withInquiry({ purpose: 'curiosity' });
    const found = await diagnosed(exchange, await exchange.request({ facts, claims }));

    expect(codesBy(found, 'failed')).toEqual(['fact-operator', 'policy-purpose-allowed']);
    expect(codesBy(found, 'skipped')).toEqual(
      expect.arrayContaining(['policy-subject-type', 'policy-input-valid']),
    );
    expect(found).not.toHaveProperty('decision');
  });

  it('tells a log that is behind, or without its witnesses', async () => {
    const behind = await makeExchange();
    behind.logStatus.say(() => ({ sequencedUntil: 0, witnessedAt: testNow }));
    expect(await diagnosed(behind, await behind.request())).toMatchObject({
      check: 'log-sequenced',
      problem: 'log-behind',
    });
    const alone = await makeExchange();
    alone.logStatus.say(() => ({ sequencedUntil: testNow, witnessedAt: 'never' }));
    const found = await diagnosed(alone, await alone.request());
    expect(found).toMatchObject({ check: 'log-witnessed', problem: 'witness-quorum-lost' });
    expect(codesBy(found, 'passed')).toContain('log-sequenced');
  });

  it('tells a quota that is used up, and spends none', async () => {
    const quota = { counter: { perDay: 1 } };
    const service = serviceWith({ quota });
    const entries = sampleEntries(await testKeys()).map((entry) =>
      entry.kind === 'service' && entry.ref === service.ref ? service : entry,
    );
    const exchange = await makeExchange({ registry: entries });
    const before = await diagnosed(exchange, await exchange.request());
    expect(before.outcome).toBe('sent-on');
    expect(before.checks.find(({ code }) => code === 'quota-service-counter-day')?.result).toBe(
      'passed',
    );
    await exchange.submit(await exchange.request());

    const text = await exchange.request();
    expect(await diagnosed(exchange, text)).toMatchObject({
      outcome: 'refused',
      check: 'quota-service-counter-day',
      problem: 'rate-limited',
    });
    expect((await refusal(exchange, text)).extras.check).toBe('quota-service-counter-day');
  });

  it('tells nothing of a counter for a message that it could not send now', async () => {
    const entries = sampleEntries(await testKeys()).map((entry) =>
      entry.kind === 'participant' && entry.id === 'counter:72110345'
        ? counterOf(entry.id, { status: 'suspended' })
        : entry,
    );
    const exchange = await makeExchange({ registry: entries });
    const text = await exchange.request();
    expect((await diagnosed(exchange, text)).check).toBe('policy-participant-active');
    const unsure: readonly Overrides[] = [
      { claims: withMembers({ iss: 'counter:72110346' }) },
      { claims: withMembers({ aud: 'https://elsewhere.example/' }) },
      { claims: withMembers({ iat: testNow / 1000 - 400, exp: testNow / 1000 - 200 }) },
      { signature: (bytes) => bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) },
      { sent: () => [] },
    ];
    for (const parts of unsure) {
      const found = await diagnosed(exchange, await exchange.request(parts));
      expect(codesBy(found, 'skipped')).toEqual(expect.arrayContaining([...policyChecks]));
      expect(codesBy(found, 'skipped')).toEqual(expect.arrayContaining(['id-unused']));
      expect(found).not.toHaveProperty('decision');
    }
  });

  it('says for the whole hostile corpus what the exchange says', async () => {
    const { context } = await standingContext();
    const exchange = await makeExchange();
    const { counter, agency } = await testKeys();
    const own = { ...context, key: counter, agency, now: testNow };
    for (const { name, build } of hostileTokens) {
      const text = textOf(await build(own));
      const { check, problem } = await diagnosed(exchange, text);
      const told = await refusal(exchange, text);
      expect({ name, check, problem }).toEqual({
        name,
        check: told.extras.check,
        problem: told.name,
      });
    }
  });

  it('is not given where the registry or the journal cannot be read', async () => {
    const exchange = await makeExchange();
    exchange.registry.faults.breakCall('findKey', 'not-persisted');
    await expect(diagnosed(exchange, await exchange.request())).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    const second = await makeExchange();
    second.journal.faults.breakCall('read', 'not-persisted');
    await expect(diagnosed(second, await second.request())).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });

  it('knows of an inquiry of another service', async () => {
    const exchange = await makeExchange();
    const parts = inquiryFor('telecom/mobile-ownership@1', requestFactsExample.subject, {});
    const found = await diagnosed(exchange, await exchange.request(parts));
    expect(codesBy(found, 'failed')).toEqual(['policy-input-valid']);
  });
});
