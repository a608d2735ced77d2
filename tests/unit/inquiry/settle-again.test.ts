import { describe, expect, it } from 'vitest';
import { leafData } from '#shared/audit/leaf.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { abandonedAfter } from '#shared/inquiry/settle-again.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { change } from '#tests/support/changes.ts';
import {
  disclosedIn,
  factsOfReceipt,
  identityFacts,
  inquiryFor,
  makeExchange,
  outcomeOf,
  payloadOf,
  receiptOf,
  recordsOf,
  refusal,
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
import { keyEntryOf } from '#tests/support/registry.ts';

/** An exchange that has answered one inquiry, its text, and what came of it. */
const answered = async (parts: Overrides = {}) => {
  const test = await makeExchange();
  const text = await test.request(parts);
  const first = await test.submit(text);
  return { ...test, text, first };
};

/** An inquiry whose process stopped for ever while the agency was being asked. */
const abandoned = async () => {
  const test = await makeExchange();
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  test.say(async () => {
    asked.resolve();
    await gate.promise;
    return { outcome: 'FOUND', facts: identityFacts };
  });
  const text = await test.request();
  const zombie = test.submit(text);
  await asked.promise;
  return { ...test, text, zombie, wake: gate.resolve };
};

describe('the very same token again', () => {
  it('gets nothing but the name of the problem, even while the answer is held', async () => {
    const { text, clock, agencies, ...test } = await answered();
    for (const pass of [0, 1, 9000]) {
      clock.advance(pass);
      const { name, extras } = await refusal(test, text);
      expect(name).toBe('replayed');
      expect(extras).toEqual({ check: 'token-unused' });
    }
    expect(agencies.calls).toHaveLength(1);
  });

  it('is a replay also after its id has gone stale', async () => {
    const { text, clock, ...test } = await answered();
    clock.advance(30_000);
    expect((await refusal(test, text)).name).toBe('replayed');
  });

  it('is a replay also after an inquiry that was denied or failed', async () => {
    const denied = await answered({ claims: withInquiry({ purpose: 'curiosity' }) });
    expect((await refusal(denied, denied.text)).name).toBe('replayed');
  });

  it('is served once, however many come at the same time', async () => {
    const { request, submit, agencies, journal } = await makeExchange();
    const text = await request();
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => submit(text)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [String(answer.reason)] : [],
    );
    expect(refused).toHaveLength(49);
    expect(refused.every((reason) => reason.startsWith('replayed'))).toBe(true);
    expect(agencies.calls).toHaveLength(1);
    expect(journal.dump()).toHaveLength(1);
  });
});

describe('a retry: a fresh token with the same inq and the same disclosures', () => {
  it('gets the same answer, and the agency is not asked again', async () => {
    const { text, first, retry, submit, agencies } = await answered();
    const again = await submit(await retry(text));
    expect(again.answer).toBe(first.answer);
    expect(again.facts).toMatchObject({ outcome: 'FOUND', retry: true, agencyTime: 0 });
    expect(agencies.calls).toHaveLength(1);
  });

  it('gets a newly signed receipt of the same facts', async () => {
    const { text, first, retry, submit, clock } = await answered();
    clock.advance(20_000);
    const again = await submit(await retry(text));
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(first.receipt));
    expect(receiptOf(again.receipt).jti).not.toBe(receiptOf(first.receipt).jti);
    expect(receiptOf(again.receipt).iat).toBe(testNow / 1000 + 20);
    expect(receiptOf(again.receipt).in_reply_to).toBe(payloadOf(text)['jti']);
  });

  it('is answered by another process as well, long after the id has gone stale', async () => {
    const { text, first, retry, clock, restart } = await answered();
    clock.advance(300_000);
    const { submit } = restart();
    const again = await submit(await retry(text));
    expect(again.answer).toBe(first.answer);
    expect(again.facts.retry).toBe(true);
  });

  it('gets the answer up to the last millisecond of its hold, and then the receipt alone', async () => {
    const { text, retry, submit, clock } = await answered();
    clock.advance(599_999);
    expect((await submit(await retry(text))).answer).toBeDefined();
    clock.advance(1);
    const late = await submit(await retry(text));
    expect(late.answer).toBeUndefined();
    expect(late.problem).toBeUndefined();
    expect(receiptOf(late.receipt).outcome).toBe('FOUND');
  });

  it('gets the receipt alone, whichever of its tokens is sent, once the facts were erased', async () => {
    const { text, first, retry, journal, addressOf, agencies, clock, ...test } = await answered();
    await journal.store.eraseFacts(addressOf(text));
    const again = await test.submit(await retry(text));
    expect(again.answer).toBeUndefined();
    expect(again.problem).toBeUndefined();
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(first.receipt));
    expect((await refusal(test, text)).name).toBe('replayed');
    clock.advance(300_000);
    expect((await test.submit(await retry(text))).answer).toBeUndefined();
    expect(agencies.calls).toHaveLength(1);
    expect(journal.rows(addressOf(text)).intent?.vault).toHaveLength(0);
  });

  it.each([
    ['is gone', false],
    ['is another by now', true],
  ])('gets the receipt alone once the key of its hold %s', async (_, another) => {
    const { text, first, retry, holdKeyStore, agencies, restart } = await answered();
    holdKeyStore.sweep();
    const { exchange, submit } = restart();
    if (another) await exchange.holdKeys.keyUntil(testNow + 600_000);
    expect(holdKeyStore.dump().size).toBe(another ? 1 : 0);
    const again = await submit(await retry(text));
    expect(again.answer).toBeUndefined();
    expect(again.problem).toBeUndefined();
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(first.receipt));
    expect(agencies.calls).toHaveLength(1);
  });

  it('gets the receipt alone from the very process that held it, once the key is gone', async () => {
    const { text, retry, holdKeyStore, submit } = await answered();
    holdKeyStore.sweep();
    expect((await submit(await retry(text))).answer).toBeUndefined();
  });

  it('never opens what was held beside another outcome', async () => {
    const { text, retry, journal, addressOf, request, submit } = await answered();
    const other = await request();
    await submit(other);
    const rows = journal.rows(addressOf(text));
    const hold = journal.rows(addressOf(other)).outcome?.hold;
    if (rows.outcome === undefined || hold === undefined) throw new Error('The rows are gone.');
    const outcome = { ...rows.outcome, hold };
    const read = async () => ({ ...rows, outcome });
    const swapped = (await answered()).restart({ journal: { ...journal.store, read } });
    expect((await swapped.submit(await retry(text))).answer).toBeUndefined();
  });

  it('is told as store-unavailable while the key cannot be read, and may send its token again', async () => {
    const { text, first, retry, holdKeyStore, ...test } = await answered();
    const token = await retry(text);
    for (const fault of ['not-persisted', 'unacknowledged'] as const) {
      holdKeyStore.faults.breakCall('find', fault);
      const { name, extras } = await refusal(test, token);
      expect(name).toBe('store-unavailable');
      expect(extras.receipt).toBeUndefined();
    }
    expect((await test.submit(token)).answer).toBe(first.answer);
  });

  it('asks for no key once its hold is over', async () => {
    const { text, retry, holdKeyStore, submit, clock } = await answered();
    clock.advance(600_000);
    await submit(await retry(text));
    expect(holdKeyStore.faults.calls('find')).toBe(0);
  });

  it('opens the held answer once: its own token is a replay from then on', async () => {
    const { text, retry, clock, ...test } = await answered();
    const token = await retry(text);
    expect((await test.submit(token)).answer).toBeDefined();
    for (const pass of [0, 1, 9000, 30_000]) {
      clock.advance(pass);
      const { name, extras } = await refusal(test, token);
      expect(name).toBe('replayed');
      expect(extras).toEqual({ check: 'token-unused' });
    }
  });

  it('is served once, however many of one token come at the same time', async () => {
    const { text, retry, submit } = await answered();
    const token = await retry(text);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => submit(token)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('gets the receipt of what stands and no answer once its counter is suspended', async () => {
    const { text, first, retry, clock, registry, submit, keys } = await answered();
    const counter = await registry.store.findParticipant(keys.counter.owner);
    if (counter === undefined) throw new Error('There is no such counter.');
    await change(registry.store, { ...counter, status: 'suspended', version: counter.version + 1 });
    clock.advance(60_000);
    const { answer, problem, receipt } = await submit(await retry(text));
    expect(answer).toBeUndefined();
    expect(problem?.name).toBe('policy-denied');
    expect(factsOfReceipt(receipt)).toEqual(factsOfReceipt(first.receipt));
  });

  it('gets an answer without facts at any time: nothing of it needs to be held', async () => {
    const { request, retry, submit, say, clock } = await makeExchange();
    say({ outcome: 'NOT_FOUND' });
    const text = await request();
    const first = await submit(text);
    clock.advance(3_600_000);
    const again = await submit(await retry(text));
    expect(again.answer).toBe(first.answer);
    expect(again.answer).toMatch(/~$/);
  });

  it('gets an answer all of whose facts were withheld', async () => {
    const { request, retry, submit, say, keys, clock } = await makeExchange();
    say({ outcome: 'MATCH', facts: { operator: 'MCI' }, key: keys.otherAgency });
    const params = { mobile: '+989121234567' };
    const text = await request(
      inquiryFor('telecom/mobile-ownership@1', requestFactsExample.subject, params),
    );
    const first = await submit(text);
    clock.advance(3_600_000);
    const again = await submit(await retry(text));
    expect(again.answer).toBe(first.answer);
    expect(disclosedIn(again.answer ?? '')).toEqual({});
    expect(receiptOf(again.receipt).withheld).toEqual(['operator']);
  });

  it('gets no facts from a service that has nothing held', async () => {
    const keys = await testKeys();
    const agency = { ...keys.agency, owner: 'agency:post' };
    const test = await makeExchange({ registry: sampleEntries({ ...keys, agency }) });
    test.say({ outcome: 'FOUND', facts: { province: 'تهران' }, key: agency });
    const subject = { type: 'ir-postal-code', value: '1193653471' };
    const text = await test.request(inquiryFor('post/postal-address@1', subject, {}));
    const first = await test.submit(text);
    expect(disclosedIn(first.answer ?? '')).toEqual({ province: 'تهران' });
    expect(test.journal.rows(test.addressOf(text)).outcome?.hold).toBeUndefined();
    expect(test.holdKeyStore.faults.calls('make')).toBe(0);
    const again = await test.submit(await test.retry(text));
    expect(again.answer).toBeUndefined();
    expect(receiptOf(again.receipt).outcome).toBe('FOUND');
  });

  it('gets the same refusal and the same receipt facts when the inquiry was denied', async () => {
    const { text, first, retry, submit } = await answered({
      claims: withInquiry({ purpose: 'curiosity' }),
    });
    const again = await submit(await retry(text));
    expect(again.problem).toMatchObject({ name: 'policy-denied', detail: first.problem?.detail });
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(first.receipt));
  });

  it('gets the same failure when the agency had failed, and does not ask it again', async () => {
    const { request, retry, submit, agencies } = await makeExchange();
    agencies.play(() => ({ kind: 'timeout' }));
    const text = await request();
    await submit(text);
    const again = await submit(await retry(text));
    expect(again.problem).toMatchObject({ name: 'agency-timeout' });
    expect(agencies.calls).toHaveLength(1);
  });

  it('is told to come back while the first message is still being answered', async () => {
    const { text, retry, zombie, wake, clock, ...test } = await abandoned();
    const early = await refusal(test, await retry(text));
    expect(early).toMatchObject({ name: 'rate-limited', status: 429, extras: { retryAfter: 2 } });
    clock.advance(abandonedAfter - 1);
    expect((await refusal(test, await retry(text))).name).toBe('rate-limited');
    wake();
    await zombie;
    const { answer } = await test.submit(await retry(text));
    expect(disclosedIn(answer ?? '')).toMatchObject({ firstName: 'سارا' });
  });
});

describe('another message under the same id', () => {
  it.each([
    ['another purpose', { claims: withInquiry({ purpose: 'passport-issue' }) }],
    ['another sequence number', { claims: withInquiry({ seq: 1843 }) }],
    ['another station', { claims: withInquiry({ station: 'till-4' }) }],
    [
      'another disclosure',
      {
        facts: { ...requestFactsExample, case: 'other' },
        disclosures: (made: readonly string[]) => made,
      },
    ],
    [
      'the same facts under another salt',
      { facts: requestFactsExample, disclosures: (made: readonly string[]) => made },
    ],
  ])('is a conflict with %s, and gets nothing', async (_, parts: Overrides) => {
    const { text, retry, clock, agencies, ...test } = await answered();
    for (const pass of [0, 60_000]) {
      clock.advance(pass);
      const { name, extras } = await refusal(test, await retry(text, parts));
      expect(name).toBe('reference-conflict');
      expect(extras).toEqual({ check: 'id-unused' });
    }
    expect(agencies.calls).toHaveLength(1);
  });

  it('is a conflict when another counter sends it, under its own key and the same jti', async () => {
    const { text, retry, keys, clock, ...test } = await answered();
    const jti = payloadOf(text)['jti'] ?? '';
    for (const claims of [undefined, withMembers({ jti })]) {
      const stolen = await retry(text, { key: keys.otherCounter, ...(claims && { claims }) });
      expect((await refusal(test, stolen)).name).toBe('reference-conflict');
      clock.advance(60_000);
    }
  });
});

describe('an id that is not fresh', () => {
  it('is stale when nobody asked under it, and the journal is not written', async () => {
    const test = await makeExchange();
    const text = await test.request({ claims: withInquiry({ id: inquiryIdAt(testNow - 60_000) }) });
    expect((await refusal(test, text)).name).toBe('stale-inquiry');
    expect(test.journal.faults.calls('read')).toBe(1);
    expect(test.journal.dump()).toEqual([]);
  });

  it('is not read at all while it is fresh: one conditional write is enough', async () => {
    const { journal } = await answered();
    expect(journal.faults.calls('read')).toBe(0);
  });
});

describe('an inquiry that lost its process', () => {
  it('is closed as ABORTED by the first retry after 45 seconds', async () => {
    const { text, retry, submit, clock, journal, addressOf } = await abandoned();
    clock.advance(abandonedAfter);
    const closed = await submit(await retry(text));
    expect(abandonedAfter).toBe(45_000);
    expect(closed.answer).toBeUndefined();
    expect(closed.problem).toMatchObject({
      name: 'agency-timeout',
      extras: { receipt: closed.receipt },
    });
    expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
    expect(outcomeOf(journal, addressOf(text))).toMatchObject({ out: 'ABORTED', http: 0, ms: 0 });
  });

  it('releases nothing when the process wakes up after all, and keeps the tombstone', async () => {
    const { text, retry, submit, clock, journal, addressOf, zombie, wake } = await abandoned();
    clock.advance(abandonedAfter);
    const closed = await submit(await retry(text));
    const standing = recordsOf(journal, addressOf(text)).outcome;
    wake();
    const late = await zombie;
    expect(late.answer).toBeUndefined();
    expect(late.problem).toMatchObject({ name: 'agency-timeout' });
    expect(late.facts.outcome).toBe('ABORTED');
    expect(factsOfReceipt(late.receipt)).toEqual(factsOfReceipt(closed.receipt));
    expect(recordsOf(journal, addressOf(text)).outcome).toBe(standing);
  });

  it('holds nothing beside its tombstone, whatever the awakened process was told', async () => {
    const { text, retry, submit, clock, journal, addressOf, zombie, wake } = await abandoned();
    clock.advance(abandonedAfter);
    await submit(await retry(text));
    wake();
    await zombie;
    expect(Object.keys(journal.rows(addressOf(text)).outcome ?? {})).toEqual(['record']);
    expect((await submit(await retry(text))).answer).toBeUndefined();
  });

  it('gives one tombstone to two retries that come at the same moment', async () => {
    const { text, retry, submit, clock } = await abandoned();
    clock.advance(abandonedAfter);
    const [one, two] = [await retry(text), await retry(text)];
    const [first, second] = await Promise.all([submit(one), submit(two)]);
    expect(factsOfReceipt(first.receipt)).toEqual(factsOfReceipt(second.receipt));
  });

  it('tells the real outcome when it came between the read and the tombstone', async () => {
    const { text, retry, submit, clock, journal, zombie, wake } = await abandoned();
    clock.advance(abandonedAfter);
    const pause = journal.faults.pauseCall('putOutcome', 'before');
    const closing = submit(await retry(text));
    await pause.reached;
    wake();
    const first = await zombie;
    pause.release();
    const closed = await closing;
    expect(first.facts.outcome).toBe('FOUND');
    expect(closed.problem).toBeUndefined();
    expect(factsOfReceipt(closed.receipt)).toEqual(factsOfReceipt(first.receipt));
  });
});

describe('a receipt', () => {
  it('commits to the leaf that stands in the journal: I, line feed, O, line feed', async () => {
    const { text, first, retry, submit, journal, addressOf } = await answered();
    const { intent, outcome } = recordsOf(journal, addressOf(text));
    expect(Buffer.from(leafData(intent, outcome)).toString('utf8')).toBe(`${intent}\n${outcome}\n`);
    const leaf = toBase64Url(leafHash(leafData(intent, outcome)));
    expect(receiptOf(first.receipt).leaf).toBe(leaf);
    expect(receiptOf((await submit(await retry(text))).receipt).leaf).toBe(leaf);
  });

  it('names the log of its shard and the time in which the leaf will be in it', async () => {
    const { first } = await answered();
    expect(receiptOf(first.receipt)).toMatchObject({ log: 'exchange.example/log/0', mmd: 120 });
  });

  it('holds no fact about the person', async () => {
    const { first } = await answered();
    const payload = JSON.stringify(payloadOf(first.receipt));
    for (const fact of ['0499370899', 'محمدی', 'سارا', '1985-03-21', 'operator-7']) {
      expect(payload).not.toContain(fact);
    }
  });

  it('is not an earlier counter\u2019s business: a key that was revoked meanwhile gets none', async () => {
    const { text, retry, keys, registry, clock, ...test } = await answered();
    await change(registry.store, keyEntryOf(keys.counter, { status: 'revoked', version: 2 }));
    clock.advance(60_000);
    expect((await refusal(test, await retry(text))).name).toBe('key-not-active');
  });
});
