import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  answered,
  asked,
  fromHoldRow,
  fromIntentRow,
  fromOutcomeRow,
  openVault,
  toHoldRow,
  toIntentRow,
  toOutcomeRow,
} from '#shared/inquiry/record.ts';
import { kinds, maxBody } from '#shared/message/kind.ts';
import { makeExchange } from '#tests/support/exchange.ts';

const refused = 'unable to authenticate data';

/** The rows of two inquiries that were answered, and the exchange that can open them. */
const twoInquiries = async () => {
  const test = await makeExchange();
  const texts = [await test.request(), await test.request()] as const;
  for (const text of texts) await test.submit(text);
  const [one, two] = texts.map((text) => ({
    text,
    address: test.addressOf(text),
    ...test.journal.rows(test.addressOf(text)),
  }));
  const hold = one?.outcome?.hold;
  if (!one?.intent || !one.outcome || !hold || !two?.intent || !two.outcome) {
    throw new Error('An inquiry left no rows.');
  }
  const { intent, outcome } = one;
  const key = await test.exchange.holdKeys.keyOf(hold.until);
  if (key === undefined) throw new Error('The key of a hold is gone.');
  return {
    ...test,
    key,
    own: { ...one, intent, outcome, hold },
    other: { ...two, intent: two.intent, outcome: two.outcome },
  };
};

describe('the rows of an inquiry', () => {
  it('give back the records that were put into them', async () => {
    const { own, exchange } = await twoInquiries();
    const intent = fromIntentRow(own.intent);
    const outcome = fromOutcomeRow(own.outcome);
    expect(asked(intent.event)).toEqual(intent);
    expect(fromIntentRow(toIntentRow(intent, [], exchange))).toEqual(intent);
    expect(fromOutcomeRow(toOutcomeRow(outcome))).toEqual(outcome);
    expect(fromOutcomeRow(toOutcomeRow(outcome, own.hold))).toEqual(outcome);
    expect(toOutcomeRow(outcome, own.hold)).toEqual(own.outcome);
  });

  it('hold the counter\u2019s signed token, verbatim, and none of its disclosures', async () => {
    const { own } = await twoInquiries();
    const [jws = '', ...disclosures] = own.text.split('~');
    const { text, event, claims } = fromIntentRow(own.intent);
    expect(event.req).toBe(jws);
    expect(claims.iss).toBe('counter:72110345');
    for (const disclosure of disclosures.filter((one) => one !== '')) {
      expect(text).not.toContain(disclosure);
    }
  });

  it('open the vault of an inquiry for its own id and for no other', async () => {
    const { own, other, exchange } = await twoInquiries();
    expect(openVault(own.address, own.intent, exchange.settings)).toHaveLength(4);
    expect(() => openVault(other.address, own.intent, exchange.settings)).toThrow(refused);
    expect(() => openVault(own.address, other.intent, exchange.settings)).toThrow(refused);
  });

  it('open a hold beside its own outcome and beside no other', async () => {
    const { own, other, key } = await twoInquiries();
    const outcome = fromOutcomeRow(own.outcome);
    expect(fromHoldRow(own.hold, outcome, key)).toHaveLength(3);
    const elsewhere = fromOutcomeRow(other.outcome);
    expect(() => fromHoldRow(own.hold, elsewhere, key)).toThrow(refused);
  });

  it('never open an intent\u2019s vault as a hold, nor a hold as a vault', async () => {
    const { own, exchange, key } = await twoInquiries();
    const asHold = { vault: own.intent.vault, until: own.hold.until };
    const asIntent = { ...own.intent, vault: own.hold.vault };
    const outcome = fromOutcomeRow(own.outcome);
    for (const one of [key, exchange.settings.vaultKey]) {
      expect(() => fromHoldRow(asHold, outcome, one)).toThrow(refused);
    }
    expect(() => openVault(own.address, asIntent, exchange.settings)).toThrow(refused);
  });

  it('say that they were erased, where nothing is left in them', async () => {
    const { own, exchange, journal, key } = await twoInquiries();
    await journal.store.eraseFacts(own.address);
    const { intent, outcome } = journal.rows(own.address);
    const hold = outcome?.hold;
    if (intent === undefined || hold === undefined) throw new Error('The rows are gone.');
    expect(fromIntentRow(intent)).toEqual(fromIntentRow(own.intent));
    expect(openVault(own.address, intent, exchange.settings)).toBeUndefined();
    expect(fromHoldRow(hold, fromOutcomeRow(own.outcome), key)).toBeUndefined();
  });

  it('say until when a hold may be read', async () => {
    const { own, exchange, key } = await twoInquiries();
    const outcome = fromOutcomeRow(own.outcome);
    const row = toHoldRow(outcome, ['WyJhIl0'], 1234, { key, random: exchange.random });
    expect(row.until).toBe(1234);
    expect(fromHoldRow(row, outcome, key)).toEqual(['WyJhIl0']);
  });

  it('open a hold under the key of its window alone, and never under the vault\u2019s', async () => {
    const { own, exchange } = await twoInquiries();
    const outcome = fromOutcomeRow(own.outcome);
    const later = await exchange.holdKeys.keyUntil(own.hold.until + 300_000);
    if (later === undefined) throw new Error('There is no key of the next window.');
    for (const key of [later, exchange.settings.vaultKey]) {
      expect(() => fromHoldRow(own.hold, outcome, key)).toThrow(refused);
    }
  });

  it('stay far from the 400 KB of an item, whatever an agency may answer', async () => {
    const { own, exchange, key } = await twoInquiries();
    const { event } = fromOutcomeRow(own.outcome);
    const noise = (length: number): string => randomBytes(length).toString('base64url');
    // A message is 65,536 bytes at most; what of it is not signed are disclosures.
    const outcome = answered({ ...event, res: noise((kinds.response.maxJws * 3) / 4) });
    const texts = [Buffer.from(`["${noise(maxBody / 2)}"]`).toString('base64url')];
    const hold = toHoldRow(outcome, texts, 1234, { key, random: exchange.random });
    const row = toOutcomeRow(outcome, hold);
    expect(fromHoldRow(hold, outcome, key)).toEqual(texts);
    expect(row.record.length + hold.vault.length).toBeLessThan(100 * 1024);
  });
});
