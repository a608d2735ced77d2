import { describe, expect, it } from 'vitest';
import { findInquiry } from '#shared/inquiry/find.ts';
import { factsOfReceipt, identityFacts, makeExchange } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow, withInquiry } from '#tests/support/messages.ts';

const counter = 'counter:72110345';

describe('findInquiry', () => {
  it('tells the asking counter what became of its inquiry, with a receipt of the same facts', async () => {
    const { exchange, request, submit, addressOf } = await makeExchange();
    const text = await request();
    const { receipt } = await submit(text);
    const { id } = addressOf(text);
    const { receipt: again = '', ...status } = await findInquiry(exchange)(id, counter);
    expect(status).toEqual({
      id,
      service: 'civil-registry/identity@1',
      asked: '2027-01-15T08:00:00.000Z',
      state: 'closed',
      outcome: 'FOUND',
    });
    expect(factsOfReceipt(again)).toEqual(factsOfReceipt(receipt));
  });

  it('gives no personal data, for its access token is a bearer token', async () => {
    const { exchange, request, submit, addressOf } = await makeExchange();
    const text = await request();
    await submit(text);
    const status = JSON.stringify(await findInquiry(exchange)(addressOf(text).id, counter));
    for (const fact of [...Object.values(identityFacts), '0499370899']) {
      expect(status).not.toContain(fact);
    }
    expect(status).not.toContain('~');
  });

  it('shows a denied inquiry as well', async () => {
    const { exchange, request, submit, addressOf } = await makeExchange();
    const text = await request({ claims: withInquiry({ purpose: 'curiosity' }) });
    await submit(text);
    expect(await findInquiry(exchange)(addressOf(text).id, counter)).toMatchObject({
      state: 'closed',
      outcome: 'DENIED',
    });
  });

  it('shows an inquiry as open while it has no outcome, and writes nothing', async () => {
    const { exchange, request, submit, addressOf, journal, clock } = await makeExchange();
    journal.faults.breakCall('putOutcome', 'not-persisted');
    const text = await request();
    await expect(submit(text)).rejects.toMatchObject({ name: 'store-unavailable' });
    clock.advance(3_600_000);
    const status = await findInquiry(exchange)(addressOf(text).id, counter);
    expect(status).toMatchObject({ state: 'open' });
    expect(status).not.toHaveProperty('receipt');
    expect(journal.rows(addressOf(text)).outcome).toBeUndefined();
  });

  it('is not found for another counter, in the same words as one that does not exist', async () => {
    const { exchange, request, submit, addressOf } = await makeExchange();
    const text = await request();
    await submit(text);
    const find = findInquiry(exchange);
    const answers = await Promise.allSettled([
      find(addressOf(text).id, 'counter:72110346'),
      find(addressOf(text).id, 'agency:civil-registry'),
      find(inquiryIdAt(testNow), counter),
      find('not-an-id', counter),
      find('', counter),
      find(addressOf(text).id.toUpperCase(), counter),
    ]);
    const said = answers.map((answer) =>
      answer.status === 'rejected' ? String(answer.reason) : 'found',
    );
    expect(new Set(said)).toEqual(
      new Set(['not-found: not-found: This participant has no inquiry under this id.']),
    );
  });

  it('says that the store is away when it is', async () => {
    const { exchange, journal } = await makeExchange();
    journal.faults.breakCall('read', 'not-persisted');
    await expect(findInquiry(exchange)(inquiryIdAt(testNow), counter)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });
});
