import { describe, expect, it } from 'vitest';
import { patience, retryAfter } from '#shared/client/retry.ts';
import { disclosedIn, payloadOf } from '../../support/exchange.ts';
import { question, replyOf, wire } from './exchange-transport.ts';

const lost = (): Promise<never> => Promise.reject(new TypeError('fetch failed'));

describe('a counter asks', () => {
  it('and gets a verified receipt and the opened fields of the answer', async () => {
    const { client, sent } = await wire();
    const result = await client.ask(question);
    expect(result).toMatchObject({
      kind: 'answered',
      status: 200,
      outcome: 'FOUND',
      receipt: { claims: { outcome: 'FOUND', withheld: ['fatherName'] } },
      answer: { fields: { firstName: 'سارا', lastName: 'محمدی', lifeStatus: 'alive' } },
      serverTiming: [
        { name: 'verify', duration: 0.31 },
        { name: 'agency', duration: 12.5 },
      ],
    });
    expect(sent[0]?.call.headers).toMatchObject({
      host: 'exchange.example',
      'content-type': 'application/sd-jwt',
    });
  });

  it('with Persian digits and marks, which are folded before they are signed', async () => {
    const { client, sent } = await wire();
    const subject = { type: 'ir-national-id', value: '\u200e۰۴۹-۹۳۷۰۸۹-۹' } as const;
    const params = { birthDate: '۱۹۸۵-٠٣-۲۱' };
    expect(await client.ask({ ...question, subject, params })).toMatchObject({ kind: 'answered' });
    expect(disclosedIn(sent[0]?.call.body ?? '')).toMatchObject({
      subject: { type: 'ir-national-id', value: '0499370899' },
      params: { birthDate: '1985-03-21' },
    });
  });

  it('about nobody when the id cannot be right, and nothing is sent', async () => {
    const { client, sent } = await wire();
    const subject = { type: 'ir-national-id', value: '0499370890' } as const;
    expect(() => client.draft({ ...question, subject })).toThrow('The subject is not right');
    expect(sent).toEqual([]);
  });

  it('and is told no, with the receipt of the refusal', async () => {
    const { client, pauses } = await wire();
    const result = await client.ask({ ...question, purpose: 'curiosity' });
    expect(result).toMatchObject({
      kind: 'refused',
      status: 403,
      problem: { name: 'policy-denied' },
      receipt: { claims: { outcome: 'DENIED', decision: { rule: 'purpose-allowed' } } },
    });
    expect(pauses).toEqual([]);
  });

  it('and takes a source that is down for final: its receipt says so', async () => {
    const { client, test, sent } = await wire();
    test.agencies.play(() => Promise.resolve({ kind: 'unavailable', reason: 'unreachable' }));
    expect(await client.ask(question)).toMatchObject({
      kind: 'refused',
      status: 503,
      problem: { name: 'agency-unavailable' },
      receipt: { claims: { outcome: 'SOURCE_UNAVAILABLE' } },
    });
    expect(sent.filter(({ call }) => call.method === 'POST')).toHaveLength(1);
  });

  it('and reads later what became of it', async () => {
    const { client } = await wire();
    const { inqId } = await client.ask(question);
    expect(await client.readInquiry(inqId)).toMatchObject({
      status: { id: inqId, state: 'closed', outcome: 'FOUND' },
      receipt: { claims: { inq_id: inqId } },
    });
  });
});

describe('when the connection breaks after the exchange has answered, a counter', () => {
  it('repeats the inquiry under a fresh jti and gets the held answer; the agency is asked once', async () => {
    const { client, test, sent } = await wire(async ({ call }, honest, nth) => {
      const reply = await honest();
      return call.method === 'POST' && nth === 1 ? lost() : reply;
    });
    const result = await client.ask(question);
    expect(result).toMatchObject({ kind: 'answered', answer: { fields: { firstName: 'سارا' } } });
    const [first, second] = sent
      .filter(({ call }) => call.method === 'POST')
      .map(({ call }) => payloadOf(call.body ?? ''));
    expect(second).toMatchObject({ inq: first?.['inq'], _sd: first?.['_sd'] });
    expect(second?.['jti']).not.toBe(first?.['jti']);
    expect(result.sent).toHaveLength(2);
    expect(test.agencies.calls).toHaveLength(1);
  });

  it.each([
    ['before the exchange saw it', false],
    ['after the exchange answered', true],
  ])('gives up after some tries and can send the same draft again: lost %s', async (_, reached) => {
    let broken = true;
    const { client, sent, pauses, test } = await wire(async (_sent, honest) => {
      if (!broken) return honest();
      if (reached) await honest();
      return lost();
    });
    const draft = client.draft(question);
    const first = await client.send(draft);
    expect(first).toMatchObject({ kind: 'lost', inqId: draft.inq.id });
    expect(sent).toHaveLength(patience.tries);
    expect(pauses).toHaveLength(patience.tries - 1);
    broken = false;
    const second = await client.send(draft);
    expect(second).toMatchObject({ kind: 'answered', inqId: draft.inq.id });
    expect(second.sent).toHaveLength(patience.tries + 1);
    expect(test.agencies.calls).toHaveLength(1);
  });
});

describe('a counter comes back', () => {
  it.each([
    ['429', replyOf(429, {}, { 'retry-after': '2' }), 2000],
    [
      '503 of the exchange',
      replyOf(503, { type: 'x/store-unavailable' }, { 'retry-after': '1' }),
      1000,
    ],
    ['503 of a gateway', replyOf(503, { message: 'Service Unavailable' }), 125],
    ['502 of a gateway', replyOf(502, '<html>'), 125],
  ])('after a %s, no sooner than it was asked to', async (_, first, least) => {
    const { client, pauses } = await wire(({ call }, honest, nth) =>
      call.method === 'POST' && nth === 1 ? Promise.resolve(first) : honest(),
    );
    expect(await client.ask(question)).toMatchObject({ kind: 'answered' });
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThanOrEqual(least);
  });

  it('ever more slowly', async () => {
    const { client, pauses } = await wire(lost);
    await client.ask(question);
    pauses.forEach((pause, n) => {
      const grown = patience.firstPause * 2 ** n;
      expect(pause).toBeGreaterThanOrEqual(grown / 2);
      expect(pause).toBeLessThanOrEqual(grown);
    });
  });

  it('not when it would have to wait too long', async () => {
    const busy = replyOf(429, { type: 'x/rate-limited' }, { 'retry-after': '3600' });
    const { client, sent } = await wire(() => Promise.resolve(busy));
    expect(await client.ask(question)).toMatchObject({
      kind: 'refused',
      problem: { name: 'rate-limited' },
    });
    expect(sent).toHaveLength(1);
  });

  it('not after a refusal that stands', async () => {
    const { client, sent } = await wire(() =>
      Promise.resolve(replyOf(400, { type: 'x/malformed' })),
    );
    expect(await client.ask(question)).toMatchObject({ problem: { name: 'malformed' } });
    expect(sent).toHaveLength(1);
  });
});

describe('Retry-After', () => {
  it.each([
    ['5', 5000],
    ['Fri, 15 Jan 2027 08:00:07 GMT', 7000],
    ['Fri, 15 Jan 2027 07:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('%s', (field, milliseconds) => {
    expect(retryAfter(field, 1_800_000_000_000)).toBe(milliseconds);
  });
});
