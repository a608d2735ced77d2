import { describe, expect, it } from 'vitest';
import { findInquiry } from '#shared/inquiry/find.ts';
import { proveInquiry } from '#shared/inquiry/prove-inquiry.ts';
import { ForwardClaims } from '#shared/message/claims.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { listEntries } from '#shared/oversight/entries/list-entries.ts';
import type { Delegation } from '#shared/registry/delegation.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import { change } from '#tests/support/changes.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import {
  makeExchange,
  outcomeOf,
  payloadOf,
  receiptOf,
  refusal,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { makeKey, type Overrides, testNow, withInquiry } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';

const counter = 'counter:72110345';
const other = 'counter:72110346';
const day = 86_400_000;

const houseKey = await makeKey('ES256', house);
const guildKey = await makeKey('Ed25519', 'guild:counters');

type Acting = TestExchange & {
  /** A request of the software house for the counter, or for whom it is told to. */
  readonly ask: (named?: string, overrides?: Overrides) => Promise<string>;
};

/** An exchange at which a software house has been given this. */
const acting = async (...entries: readonly RegistryEntry[]): Promise<Acting> => {
  const registry = [
    ...sampleEntries(await testKeys()),
    keyEntryOf(houseKey),
    keyEntryOf(guildKey),
    houseOf(),
    ...entries,
  ];
  const test = await makeExchange({ registry });
  const ask = (named = counter, overrides: Overrides = {}) =>
    test.request({ key: houseKey, claims: withInquiry({ for: named }), ...overrides });
  return { ...test, ask };
};

const ruleOf = async ({ submit }: Acting, text: string): Promise<string> => {
  const { receipt, answer, problem, facts } = await submit(text);
  const { decision } = receiptOf(receipt);
  expect(facts.rule).toBe(decision.rule);
  expect(problem?.name).toBe(decision.effect === 'deny' ? 'policy-denied' : undefined);
  expect(answer === undefined).toBe(decision.effect === 'deny');
  return decision.rule;
};

describe('an inquiry that a software house asks for a counter', () => {
  it('is answered to the house, and told of as the counter’s by the house', async () => {
    const test = await acting(delegationOf());
    const { facts, receipt, answer } = await test.submit(await test.ask());
    expect(facts).toMatchObject({ counter, by: house, outcome: 'FOUND', rule: 'open-service' });
    expect(receiptOf(receipt)).toMatchObject({ aud: house, decision: { effect: 'allow' } });
    expect(answer).toBeDefined();
  });

  it('reaches the agency as it was signed, under the key that signed it', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    const [call] = test.agencies.calls;
    const forward = ForwardClaims.parse(payloadOf(call?.token ?? ''));
    expect(forward).toMatchObject({ origin: text, origin_key: houseKey.jwk });
  });

  it('of a counter itself names nobody else in its facts', async () => {
    const test = await acting(delegationOf());
    const { facts } = await test.submit(await test.request());
    expect(facts).toMatchObject({ counter });
    expect(facts).not.toHaveProperty('by');
  });

  it.each<readonly [string, readonly RegistryEntry[]]>([
    ['delegation-missing', []],
    ['delegation-missing', [delegationOf({ counter: other })]],
    ['delegation-missing', [delegationOf({ delegate: 'vendor:stranger' })]],
    ['delegation-revoked', [delegationOf({ status: 'revoked' })]],
    ['delegation-expired', [delegationOf({ until: testNow })]],
    ['delegation-not-yet-valid', [delegationOf({ from: testNow + 1 })]],
    ['delegation-scope', [delegationOf({ services: ['telecom/mobile-ownership'] })]],
  ])('is denied by %s, and no agency is asked', async (rule, entries) => {
    const test = await acting(...entries);
    const text = await test.ask();
    expect(await ruleOf(test, text)).toBe(rule);
    expect(test.agencies.calls).toEqual([]);
    expect(outcomeOf(test.journal, test.addressOf(text)).out).toBe('DENIED');
  });

  it('is denied while the house is suspended', async () => {
    const { registry, ...test } = await acting(delegationOf());
    await change(registry.store, houseOf({ status: 'suspended', version: 2 }));
    expect(await ruleOf({ registry, ...test }, await test.ask())).toBe('delegate-active');
  });

  it.each([
    ['the house names no counter', { key: houseKey }, 'counter-named'],
    ['a guild names no counter', { key: guildKey }, 'counter-named'],
    [
      'the counter does not exist',
      { key: houseKey, claims: withInquiry({ for: 'counter:1' }) },
      'delegation-missing',
    ],
  ] as const)('is denied when %s', async (_, parts, rule) => {
    const test = await acting(delegationOf());
    expect(await ruleOf(test, await test.request(parts))).toBe(rule);
  });

  it('is denied when a counter names another', async () => {
    const given: Delegation = delegationOf({ counter: other, delegate: counter });
    const test = await acting(given);
    const text = await test.request({ claims: withInquiry({ for: other }) });
    expect(await ruleOf(test, text)).toBe('counter-named');
    expect(test.agencies.calls).toEqual([]);
  });

  it('may be a counter’s own in which it names itself', async () => {
    const test = await acting();
    const text = await test.request({ claims: withInquiry({ for: counter }) });
    expect(await ruleOf(test, text)).toBe('open-service');
  });

  it.each(['agency:civil-registry', house, `counter:${'1'.repeat(60)}`, 'کانتر'])(
    'is refused, and leaves nothing behind, when it names %j',
    async (named) => {
      const test = await acting(delegationOf());
      const text = await test.ask(named);
      expect((await refusal(test, text)).name).toBe('invalid-claims');
      expect(test.journal.faults.calls('putIntent')).toBe(0);
    },
  );

  it('counts from the next 60 seconds on when the counter has revoked', async () => {
    const test = await acting(delegationOf());
    expect(await ruleOf(test, await test.ask())).toBe('open-service');
    await change(test.registry.store, delegationOf({ status: 'revoked', version: 2 }));
    test.clock.advance(60_000);
    expect(await ruleOf(test, await test.ask())).toBe('delegation-revoked');
  });

  it('is of no use to a house when the licence of the counter is not valid', async () => {
    const test = await acting(delegationOf());
    const standing = await test.registry.store.findParticipant(counter);
    if (standing?.licence === undefined) throw new Error('There is no such counter.');
    const licence = { ...standing.licence, validUntil: testNow };
    await change(test.registry.store, { ...standing, licence, version: standing.version + 1 });
    expect(await ruleOf(test, await test.ask())).toBe('licence-valid');
  });
});

describe('a retry of it', () => {
  it('of the house is answered again, and the agency is not asked twice', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    const again = await test.submit(await test.retry(text, { key: houseKey }));
    expect(again.facts).toMatchObject({ counter, by: house, retry: true });
    expect(again.answer).toBeDefined();
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('of the counter itself is refused: another signed it', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    const own = await test.retry(text);
    expect((await refusal(test, own)).name).toBe('reference-conflict');
    const unnamed = await test.retry(text, { claims: withInquiry({ for: undefined }) });
    expect((await refusal(test, unnamed)).name).toBe('reference-conflict');
  });

  it('for another counter is refused, though that counter lets the house ask too', async () => {
    const test = await acting(delegationOf(), delegationOf({ counter: other }));
    const text = await test.ask();
    await test.submit(text);
    const claims = withInquiry({ for: other });
    const moved = await test.retry(text, { key: houseKey, claims });
    expect((await refusal(test, moved)).name).toBe('reference-conflict');
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('is told what stands and given no answer once the counter has revoked', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    await change(test.registry.store, delegationOf({ status: 'revoked', version: 2 }));
    test.clock.advance(60_000);
    const again = await test.submit(await test.retry(text, { key: houseKey }));
    expect(again).toMatchObject({ facts: { retry: true }, problem: { name: 'policy-denied' } });
    expect(again.answer).toBeUndefined();
  });
});

describe('what became of it', () => {
  it('may be read by the house and by the counter, and by nobody else', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    const { id } = test.addressOf(text);
    const find = findInquiry(test.exchange);
    for (const reader of [house, counter]) {
      const status = await find(id, reader);
      expect(status).toMatchObject({ id, counter, by: house, state: 'closed', outcome: 'FOUND' });
      expect(receiptOf(status.receipt ?? '')).toMatchObject({ aud: house, inq_id: id });
    }
    for (const reader of [other, 'vendor:stranger', 'guild:counters', 'agency:civil-registry']) {
      await expect(find(id, reader)).rejects.toMatchObject({ name: 'not-found' });
    }
  });

  it('and its own inquiry is not shown to the house that may ask for it', async () => {
    const test = await acting(delegationOf());
    const text = await test.request();
    await test.submit(text);
    const { id } = test.addressOf(text);
    await expect(findInquiry(test.exchange)(id, house)).rejects.toMatchObject({
      name: 'not-found',
    });
    await test.log.sequence();
    await test.log.witness();
    await expect(proveInquiry(test.exchange)(id, house)).rejects.toMatchObject({
      name: 'not-found',
    });
  });

  it('is proven to both, and to nobody else, with and without the journal', async () => {
    const test = await acting(delegationOf());
    const text = await test.ask();
    await test.submit(text);
    await test.log.sequence();
    await test.log.witness();
    await test.log.feedIndex();
    const { id } = test.addressOf(text);
    const forgetting = { ...test.exchange.journal, read: async () => ({}) };
    for (const journal of [test.exchange.journal, forgetting]) {
      const prove = proveInquiry({ ...test.exchange, journal });
      expect(await prove(id, counter)).toEqual(await prove(id, house));
      for (const reader of [other, 'vendor:stranger', 'guild:counters']) {
        await expect(prove(id, reader)).rejects.toMatchObject({ name: 'not-found' });
      }
    }
  });

  it('is listed as the counter’s, by the house', async () => {
    const test = await acting(delegationOf());
    await test.submit(await test.ask());
    await test.submit(await test.request());
    const range = {
      from: new Date(testNow).toISOString(),
      to: new Date(testNow + day).toISOString(),
    };
    const listAs = async (reader: string, filter = {}) =>
      listEntries(auditReadingOf(test))(parseAuditQuery({ ...range, ...filter }), reader);
    const { entries } = await listAs(counter);
    expect(entries.map((entry) => [entry.counter, entry.by])).toEqual(
      expect.arrayContaining([
        [counter, house],
        [counter, undefined],
      ]),
    );
    expect(entries).toHaveLength(2);
    const byHouse = await listAs(counter, { by: house });
    expect(byHouse.entries.map(({ by }) => by)).toEqual([house]);
    for (const reader of [house, 'counter:72110999']) {
      await expect(listAs(reader)).rejects.toMatchObject({ name: 'out-of-scope' });
    }
  });
});
