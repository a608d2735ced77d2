import { describe, expect, it } from 'vitest';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import { payloadOf } from '../../support/exchange.ts';
import { makeKey } from '../../support/messages.ts';
import { question, wire } from './exchange-transport.ts';

const counter = 'counter:72110345';
const houseKey = await makeKey('ES256', house);

/** Clients of a software house and of the counter that lets it ask. */
const acting = async () => {
  const entries = [keyEntryOf(houseKey), houseOf(), delegationOf()];
  const { client: own, clientOf, ...wired } = await wire(undefined, entries);
  return { own, client: clientOf(houseKey), ...wired };
};

describe('a software house asks', () => {
  it('for a counter, and gets a receipt of its own and the answer', async () => {
    const { client, sent } = await acting();
    expect(await client.ask({ ...question, for: counter })).toMatchObject({
      kind: 'answered',
      receipt: { claims: { aud: house } },
      answer: { fields: { firstName: 'سارا' } },
    });
    const [call] = sent.flatMap(({ call: one }) => (one.method === 'POST' ? [one] : []));
    expect(payloadOf(call?.body ?? '')).toMatchObject({ iss: house, inq: { for: counter } });
  });

  it('for nobody when it does not say for whom, and nothing is sent', async () => {
    const { client, sent } = await acting();
    expect(() => client.draft(question)).toThrow('not said for which counter');
    expect(() => client.ask({ ...question, for: house })).toThrow(
      expect.objectContaining({ name: 'invalid-claims' }),
    );
    expect(sent).toEqual([]);
  });

  it('and both it and the counter read what became of it, with its receipt', async () => {
    const { client, own } = await acting();
    const { inqId } = await client.ask({ ...question, for: counter });
    for (const reader of [client, own]) {
      expect(await reader.readInquiry(inqId)).toMatchObject({
        status: { counter, by: house, outcome: 'FOUND' },
        receipt: { claims: { aud: house, inq_id: inqId } },
      });
    }
  });
});

describe('a counter asks', () => {
  it('for itself, whether it says so or not', async () => {
    const { own } = await acting();
    expect(await own.ask({ ...question, for: counter })).toMatchObject({ kind: 'answered' });
    expect(await own.ask({ ...question, seq: 2 })).toMatchObject({ kind: 'answered' });
  });

  it('not for another, and nothing is sent', async () => {
    const { own, sent } = await acting();
    expect(() => own.draft({ ...question, for: 'counter:72110346' })).toThrow(
      'not said for which counter',
    );
    expect(sent).toEqual([]);
  });

  it('and does not take the receipt of another for its own', async () => {
    const { own, client, disturbLater } = await acting();
    const { inqId } = await client.ask({ ...question, for: counter });
    disturbLater(async (_sent, honest) => {
      const reply = await honest();
      const unsigned = (await reply.text()).replace('"by":', '"bye":');
      return { ...reply, text: async () => unsigned };
    });
    await expect(own.readInquiry(inqId)).rejects.toMatchObject({ check: 'receipt-signature' });
  });
});
