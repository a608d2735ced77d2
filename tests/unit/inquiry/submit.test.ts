import { describe, expect, it } from 'vitest';
import type { AgencyReply } from '#shared/inquiry/ports.ts';
import { openVault } from '#shared/inquiry/record.ts';
import { submitInquiry } from '#shared/inquiry/submit.ts';
import { Problem, type ProblemName } from '#shared/kernel/problem.ts';
import {
  disclosedIn,
  identityFacts,
  inquiryFor,
  makeExchange,
  outcomeOf,
  payloadOf,
  receiptOf,
  refusal,
  type Say,
  sampleEntries,
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
import { counterOf, keyEntryOf, serviceWith } from '#tests/support/registry.ts';

const releasedFacts = withMembers({ fatherName: undefined })(identityFacts);

const flipped = (signature: Uint8Array): Uint8Array =>
  signature.map((byte, index) => (index === 40 ? byte ^ 1 : byte));

describe('an inquiry that is answered', () => {
  it('comes back with the agency\u2019s token and a receipt', async () => {
    const { submit, request } = await makeExchange();
    const { answer = '', receipt, problem, facts } = await submit(await request());
    expect(problem).toBeUndefined();
    expect(disclosedIn(answer)).toEqual(releasedFacts);
    expect(payloadOf(answer)).toMatchObject({ iss: 'agency:civil-registry', outcome: 'FOUND' });
    expect(receiptOf(receipt)).toMatchObject({
      iss: 'exchange:estelam',
      aud: 'counter:72110345',
      decision: { effect: 'allow', rule: 'open-service' },
      outcome: 'FOUND',
      withheld: ['fatherName'],
    });
    expect(facts).toMatchObject({
      counter: 'counter:72110345',
      service: 'civil-registry/identity@1',
      outcome: 'FOUND',
      rule: 'open-service',
      retry: false,
    });
  });

  it('reaches the agency once, at its endpoint, with the request as it was received', async () => {
    const { submit, request, agencies, keys } = await makeExchange();
    const text = await request();
    await submit(text);
    expect(agencies.calls).toHaveLength(1);
    const [call] = agencies.calls;
    expect(call).toMatchObject({
      agency: 'agency:civil-registry',
      endpoint: 'https://civil-registry.example/inquiries',
      timeout: 5000,
    });
    expect(payloadOf(call?.token ?? '')).toMatchObject({
      iss: 'exchange:estelam',
      aud: 'agency:civil-registry',
      origin: text,
      origin_key: keys.counter.jwk,
      level: 'read',
      fields: ['firstName', 'lastName', 'lifeStatus'],
    });
  });

  it('leaves an intent and its vault, an outcome and what is held, and nothing else', async () => {
    const { submit, request, journal, addressOf, exchange } = await makeExchange();
    const text = await request();
    await submit(text);
    const address = addressOf(text);
    const { intent, outcome } = journal.rows(address);
    expect(journal.dump()).toHaveLength(1);
    expect(outcome?.hold?.until).toBe(testNow + 600_000);
    expect(intent && openVault(address, intent, exchange.settings)).toEqual(
      text.split('~').slice(1, -1),
    );
  });

  const answers: ReadonlyArray<Say & { readonly outcome: string }> = [
    { outcome: 'FOUND', facts: identityFacts },
    { outcome: 'MATCH', facts: identityFacts },
    { outcome: 'NO_MATCH' },
    { outcome: 'NOT_FOUND' },
    { outcome: 'INDETERMINATE' },
    { outcome: 'REFUSED' },
  ];

  it.each(answers)('is told as the agency told it: $outcome', async (answer) => {
    const { submit, request, say } = await makeExchange();
    say(answer);
    const settled = await submit(await request());
    expect(settled.problem).toBeUndefined();
    expect(receiptOf(settled.receipt).outcome).toBe(answer.outcome);
    expect(payloadOf(settled.answer ?? '')['outcome']).toBe(answer.outcome);
  });

  it('passes nothing on for a service that says only yes or no', async () => {
    const { submit, request, say, keys } = await makeExchange();
    say({ outcome: 'MATCH', facts: { operator: 'MCI' }, key: keys.otherAgency });
    const params = { mobile: '+989121234567' };
    const { answer = '', receipt } = await submit(
      await request(inquiryFor('telecom/mobile-ownership@1', requestFactsExample.subject, params)),
    );
    expect(disclosedIn(answer)).toEqual({});
    expect(receiptOf(receipt)).toMatchObject({ outcome: 'MATCH', withheld: ['operator'] });
  });

  it('names the tariff in its outcome only when it was answered', async () => {
    const { submit, request, journal, addressOf, agencies } = await makeExchange();
    const [answered, failed] = [await request(), await request()];
    await submit(answered);
    agencies.play(() => ({ kind: 'timeout' }));
    await submit(failed);
    expect(outcomeOf(journal, addressOf(answered))).toMatchObject({
      out: 'FOUND',
      fee: 'civil.2027',
    });
    expect(outcomeOf(journal, addressOf(failed))).not.toHaveProperty('fee');
  });

  it('is timed by the clock of the exchange', async () => {
    const { submit, request, journal, addressOf, clock, say } = await makeExchange();
    say(() => {
      clock.advance(381);
      return { outcome: 'FOUND', facts: identityFacts };
    });
    const text = await request();
    const { facts } = await submit(text);
    expect(facts.agencyTime).toBe(381);
    expect(outcomeOf(journal, addressOf(text))).toMatchObject({
      ms: 381,
      t: testNow + 381,
      http: 200,
    });
  });
});

describe('an inquiry that is not answered', () => {
  const failures: ReadonlyArray<{
    readonly reply: AgencyReply;
    readonly outcome: string;
    readonly problem: ProblemName;
    readonly cause: string;
  }> = [
    {
      reply: { kind: 'unavailable', reason: 'unreachable' },
      outcome: 'SOURCE_UNAVAILABLE',
      problem: 'agency-unavailable',
      cause: 'unreachable',
    },
    {
      reply: { kind: 'unavailable', reason: 'resting' },
      outcome: 'SOURCE_UNAVAILABLE',
      problem: 'agency-unavailable',
      cause: 'resting',
    },
    { reply: { kind: 'timeout' }, outcome: 'TIMEOUT', problem: 'agency-timeout', cause: 'timeout' },
    {
      reply: { kind: 'unacceptable', reason: 'too-large', status: 200 },
      outcome: 'INVALID_ANSWER',
      problem: 'agency-response-invalid',
      cause: 'too-large',
    },
    {
      reply: { kind: 'replied', status: 500, mediaType: 'text/html', body: '<h1>secret</h1>' },
      outcome: 'SOURCE_UNAVAILABLE',
      problem: 'agency-unavailable',
      cause: 'http-status',
    },
    {
      reply: { kind: 'replied', status: 200, mediaType: 'application/sd-jwt', body: 'secret' },
      outcome: 'INVALID_ANSWER',
      problem: 'agency-response-invalid',
      cause: 'malformed',
    },
  ];

  it.each(failures)(
    'is recorded as $outcome and told as $problem ($cause)',
    async ({ reply, outcome, problem, cause }) => {
      const { submit, request, journal, addressOf, agencies } = await makeExchange();
      agencies.play(() => reply);
      const text = await request();
      const settled = await submit(text);
      expect(settled.answer).toBeUndefined();
      expect(settled.problem).toMatchObject({
        name: problem,
        extras: { receipt: settled.receipt },
      });
      expect(settled.facts).toMatchObject({ outcome, cause });
      expect(receiptOf(settled.receipt).outcome).toBe(outcome);
      expect(receiptOf(settled.receipt).answer_s256).toBeUndefined();
      expect(JSON.stringify([settled.problem?.message, settled.facts])).not.toContain('secret');
      const recorded = outcomeOf(journal, addressOf(text));
      expect(recorded).toMatchObject({ out: outcome });
      expect(recorded).not.toHaveProperty('res');
      expect(journal.rows(addressOf(text)).outcome?.hold).toBeUndefined();
    },
  );

  it('is told as unavailable when the agency itself says that its source is down', async () => {
    const { submit, request, journal, addressOf, say } = await makeExchange();
    say({ outcome: 'SOURCE_UNAVAILABLE' });
    const text = await request();
    const settled = await submit(text);
    expect(settled.problem).toMatchObject({ name: 'agency-unavailable' });
    expect(settled.answer).toBeUndefined();
    expect(outcomeOf(journal, addressOf(text))).toHaveProperty('res');
  });

  it('is denied by the registry without a word to the agency, and still stands in the journal', async () => {
    const { submit, request, journal, addressOf, agencies } = await makeExchange();
    const text = await request({ claims: withInquiry({ purpose: 'curiosity' }) });
    const settled = await submit(text);
    expect(agencies.calls).toEqual([]);
    expect(settled.problem).toMatchObject({
      name: 'policy-denied',
      status: 403,
      extras: { receipt: settled.receipt },
    });
    expect(receiptOf(settled.receipt)).toMatchObject({
      outcome: 'DENIED',
      decision: { effect: 'deny', rule: 'purpose-allowed' },
    });
    expect(outcomeOf(journal, addressOf(text))).toMatchObject({ out: 'DENIED', http: 0 });
  });

  it('is denied with pointers into its params, which show nothing of them', async () => {
    const { submit, request } = await makeExchange();
    const facts = { ...requestFactsExample, params: { birthDate: 'secret' } };
    const { problem } = await submit(await request({ facts }));
    expect(problem).toMatchObject({
      name: 'policy-denied',
      extras: { errors: [{ pointer: '/params/birthDate' }] },
    });
    expect(JSON.stringify(problem?.extras.errors)).not.toContain('secret');
  });

  it('is denied to a counter whose licence has ended', async () => {
    const keys = await testKeys();
    const entries = sampleEntries(keys).map((entry) =>
      entry.kind === 'participant' && entry.id === 'counter:72110345'
        ? counterOf(entry.id, { licence: { ...entry.licence, validUntil: testNow } })
        : entry,
    );
    const { submit, request, agencies } = await makeExchange({ registry: entries });
    const { problem } = await submit(await request());
    expect(problem).toMatchObject({ name: 'policy-denied' });
    expect(agencies.calls).toEqual([]);
  });
});

describe('a message that does not hold', () => {
  const refused: ReadonlyArray<{
    readonly problem: ProblemName;
    readonly when: string;
    readonly parts: Overrides;
  }> = [
    { problem: 'malformed', when: 'it is no token', parts: { token: () => 'x' } },
    {
      problem: 'too-large',
      when: 'it is larger than a body may be',
      parts: { token: (text) => text + 'A'.repeat(65_536) },
    },
    {
      problem: 'wrong-typ',
      when: 'it is a response',
      parts: { header: withMembers({ typ: 'inq-response+sd-jwt' }) },
    },
    {
      problem: 'header-not-allowed',
      when: 'it brings its own key',
      parts: { header: withMembers({ jwk: {} }) },
    },
    {
      problem: 'algorithm-not-allowed',
      when: 'it names none',
      parts: { header: withMembers({ alg: 'none' }) },
    },
    {
      problem: 'unknown-key',
      when: 'nobody registered its key',
      parts: { header: withMembers({ kid: 'A'.repeat(43) }) },
    },
    {
      problem: 'signature-invalid',
      when: 'a bit of its signature is another',
      parts: { signature: flipped },
    },
    {
      problem: 'disclosure-invalid',
      when: 'a digest is not opened',
      parts: { sent: (texts) => texts.slice(1) },
    },
    {
      problem: 'invalid-claims',
      when: 'it says more than the protocol knows',
      parts: { claims: withMembers({ note: 'x' }) },
    },
    {
      problem: 'issuer-key-mismatch',
      when: 'it speaks for another counter',
      parts: { claims: withMembers({ iss: 'counter:72110346' }) },
    },
    {
      problem: 'wrong-audience',
      when: 'it is meant for another exchange',
      parts: { claims: withMembers({ aud: 'https://other.example/v1/inquiries' }) },
    },
    {
      problem: 'expired',
      when: 'it has expired',
      parts: { claims: withMembers({ iat: testNow / 1000 - 71, exp: testNow / 1000 - 11 }) },
    },
    {
      problem: 'not-yet-valid',
      when: 'it comes from the future',
      parts: { claims: withMembers({ iat: testNow / 1000 + 61, exp: testNow / 1000 + 121 }) },
    },
    {
      problem: 'lifetime-too-long',
      when: 'it lives longer than five minutes',
      parts: { claims: withMembers({ exp: testNow / 1000 + 301 }) },
    },
    {
      problem: 'stale-inquiry',
      when: 'its id was made more than ten seconds ago',
      parts: { claims: withInquiry({ id: inquiryIdAt(testNow - 10_001) }) },
    },
    {
      problem: 'stale-inquiry',
      when: 'its id is of a time more than ten seconds ahead',
      parts: { claims: withInquiry({ id: inquiryIdAt(testNow + 10_001) }) },
    },
  ];

  it.each(refused)(
    'is refused as $problem when $when, and leaves nothing',
    async ({ problem, parts }) => {
      const exchange = await makeExchange();
      const found = await refusal(exchange, await exchange.request(parts));
      expect(found.name).toBe(problem);
      expect(found.extras.receipt).toBeUndefined();
      expect(exchange.journal.dump()).toEqual([]);
      expect(exchange.journal.faults.calls('putIntent')).toBe(0);
      expect(exchange.agencies.calls).toEqual([]);
    },
  );

  it.each([
    ['key-not-active', 'its key is revoked', { status: 'revoked' }],
    ['key-not-active', 'its key ends now', { notAfter: testNow }],
    ['key-not-active', 'its key begins in a millisecond', { notBefore: testNow + 1 }],
    ['wrong-role', 'an agency signed it', { owner: 'agency:civil-registry' }],
  ] as const)('is refused as %s when %s', async (problem, _, change) => {
    const keys = await testKeys();
    const entries = sampleEntries(keys).map((entry) =>
      entry.kind === 'key' && entry.kid === keys.counter.kid
        ? keyEntryOf(keys.counter, change)
        : entry,
    );
    const exchange = await makeExchange({ registry: entries });
    expect((await refusal(exchange, await exchange.request())).name).toBe(problem);
    expect(exchange.journal.dump()).toEqual([]);
  });

  it.each([-10_000, 0, 10_000])('is fresh when its id is %i ms off the clock', async (offset) => {
    const { submit, request } = await makeExchange();
    const id = inquiryIdAt(testNow + offset);
    const { problem } = await submit(await request({ claims: withInquiry({ id }) }));
    expect(problem).toBeUndefined();
  });
});

describe('the order of effects', () => {
  it('has the intent in the journal, and no outcome, when the agency is asked', async () => {
    const { submit, request, journal, addressOf, say } = await makeExchange();
    const text = await request();
    const seen: string[][] = [];
    say(() => {
      seen.push(Object.keys(journal.rows(addressOf(text))));
      return { outcome: 'FOUND', facts: identityFacts };
    });
    await submit(text);
    expect(seen).toEqual([['intent']]);
  });

  it('has the outcome in the journal before anything is released', async () => {
    const { submit, request, journal, addressOf } = await makeExchange();
    const pause = journal.faults.pauseCall('putOutcome', 'before');
    const text = await request();
    const released: string[] = [];
    const answering = submit(text).then(() => released.push('answer'));
    await pause.reached;
    expect(journal.rows(addressOf(text)).outcome).toBeUndefined();
    expect(released).toEqual([]);
    pause.release();
    await answering;
    expect(journal.rows(addressOf(text)).outcome).toBeDefined();
  });

  it('asks no agency and writes nothing while the exchange cannot sign', async () => {
    const { restart, request, journal, agencies } = await makeExchange();
    const mute = restart({
      signer: () => Promise.reject(new Problem('signer-unavailable', 'No key.')),
    });
    expect((await refusal(mute, await request())).name).toBe('signer-unavailable');
    expect(journal.dump()).toEqual([]);
    expect(agencies.calls).toEqual([]);
  });

  it('writes nothing while the registry cannot be read', async () => {
    for (const method of ['findKey', 'readAll', 'version'] as const) {
      const exchange = await makeExchange();
      exchange.registry.faults.breakCall(method, 'not-persisted');
      expect((await refusal(exchange, await exchange.request())).name).toBe('store-unavailable');
      expect(exchange.journal.dump()).toEqual([]);
    }
  });

  it('asks each service of its own agency, as the registry knows it', async () => {
    const keys = await testKeys();
    const moved = serviceWith({ endpoint: 'https://new.example/ask', timeout: 900 });
    const entries = sampleEntries(keys).map((entry) =>
      entry.kind === 'service' && entry.ref === moved.ref ? moved : entry,
    );
    const { submit, request, agencies } = await makeExchange({ registry: entries });
    await submit(await request());
    expect(agencies.calls[0]).toMatchObject({ endpoint: 'https://new.example/ask', timeout: 900 });
  });

  it('names the steps that it takes, for timing', async () => {
    const { exchange, request } = await makeExchange();
    const steps: string[] = [];
    await submitInquiry(exchange)({
      text: await request(),
      traceparent: 'x',
      timed: (step, work) => {
        steps.push(step);
        return work();
      },
    });
    expect(steps).toEqual(['verify', 'decide', 'intent', 'agency', 'outcome']);
  });
});
