import { describe, expect, it } from 'vitest';
import {
  asked,
  fromHoldRow,
  fromIntentRow,
  fromOutcomeRow,
  openVault,
  toHoldRow,
  toIntentRow,
  toOutcomeRow,
} from '#shared/inquiry/record.ts';
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
  if (!one?.intent || !one.outcome || !one.hold || !two?.intent || !two.outcome) {
    throw new Error('An inquiry left no rows.');
  }
  const { intent, outcome, hold } = one;
  return {
    ...test,
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
    const { own, other, exchange } = await twoInquiries();
    const outcome = fromOutcomeRow(own.outcome);
    expect(fromHoldRow(own.hold, outcome, exchange.settings)).toHaveLength(3);
    const elsewhere = fromOutcomeRow(other.outcome);
    expect(() => fromHoldRow(own.hold, elsewhere, exchange.settings)).toThrow(refused);
  });

  it('never open an intent\u2019s vault as a hold, nor a hold as a vault', async () => {
    const { own, exchange } = await twoInquiries();
    const asHold = { vault: own.intent.vault, until: own.hold.until };
    const asIntent = { ...own.intent, vault: own.hold.vault };
    const outcome = fromOutcomeRow(own.outcome);
    expect(() => fromHoldRow(asHold, outcome, exchange.settings)).toThrow(refused);
    expect(() => openVault(own.address, asIntent, exchange.settings)).toThrow(refused);
  });

  it('say that they were erased, where nothing is left in them', async () => {
    const { own, exchange, journal } = await twoInquiries();
    await journal.store.eraseFacts(own.address);
    const { intent, hold } = journal.rows(own.address);
    if (intent === undefined || hold === undefined) throw new Error('The rows are gone.');
    expect(fromIntentRow(intent)).toEqual(fromIntentRow(own.intent));
    expect(openVault(own.address, intent, exchange.settings)).toBeUndefined();
    expect(fromHoldRow(hold, fromOutcomeRow(own.outcome), exchange.settings)).toBeUndefined();
  });

  it('say until when a hold may be read', async () => {
    const { own, exchange } = await twoInquiries();
    const outcome = fromOutcomeRow(own.outcome);
    const row = toHoldRow(outcome, ['WyJhIl0'], 1234, exchange);
    expect(row.until).toBe(1234);
    expect(fromHoldRow(row, outcome, exchange.settings)).toEqual(['WyJhIl0']);
  });
});
