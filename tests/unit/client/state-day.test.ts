import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { problemDocument } from '#shared/api/problem-document.ts';
import { exchangeClient } from '#shared/client/exchange-client.ts';
import type { Reply, Transport } from '#shared/client/transport.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';
import { dayBefore } from '#tests/support/statements.ts';
import { setStage } from '../inquiry/stating.ts';
import { replyOf } from './exchange-transport.ts';

const day = dayBefore(testNow);
const numbers = { asked: [{ station: 'till-3', first: 1, last: 4, n: 4 }] };

const told = (problem: Problem): Reply => {
  const { status } = problem;
  const context = { language: 'en', requestId: 'r', now: 0, status } as const;
  return replyOf(status, problemDocument(problem, context));
};

/** What is answered to the nth statement; the exchange itself answers where `honest` is called. */
type Disturb = (nth: number, honest: () => Promise<Reply>) => Promise<Reply>;

const wire = async (disturb: Disturb = (_, honest) => honest()) => {
  const stage = await setStage();
  const sent: { readonly url: string; readonly type: string; readonly body: string }[] = [];
  const fetch: Transport = (url, { headers, body = '' }) => {
    sent.push({ url, type: headers['content-type'] ?? '', body });
    return disturb(sent.length, async () => {
      try {
        const result = await stage.take(body);
        return replyOf(result.repeated ? 200 : 201, result);
      } catch (error) {
        if (error instanceof Problem) return told(error);
        throw error;
      }
    });
  };
  const { counter } = stage.keys;
  const client = exchangeClient({
    baseUrl: 'http://127.0.0.1:1',
    origin: 'https://exchange.example',
    participant: counter.owner,
    signer: counter.signer,
    fetch,
    wait: (milliseconds) => {
      stage.clock.advance(milliseconds);
      return Promise.resolve();
    },
    now: stage.clock.now,
    random: (length) => randomBytes(length),
  });
  return { stage, client, sent };
};

describe('a client that states a day', () => {
  it('is told the id of the leaf that has what it stated', async () => {
    const { client, stage, sent } = await wire();
    const result = await client.state(day, numbers);
    const [leaf] = stage.leaves();
    expect(result).toEqual({ kind: 'stated', id: leaf?.id, repeated: false });
    expect(payloadOf(leaf?.statement ?? '')).toMatchObject({ stm: { day, ...numbers } });
    expect(sent).toMatchObject([
      { url: 'http://127.0.0.1:1/v1/statements', type: 'application/jwt' },
    ]);
  });

  it('that asked nothing can say so', async () => {
    const { client, stage } = await wire();
    expect(await client.state(day, {})).toMatchObject({ kind: 'stated' });
    expect(payloadOf(stage.leaves()[0]?.statement ?? '')).toMatchObject({
      stm: { day, asked: [] },
    });
  });

  it.each([false, true])('sends it again when the connection broke (taken: %s)', async (taken) => {
    const { client, stage, sent } = await wire(async (nth, honest) => {
      if (nth > 1) return honest();
      if (taken) await honest();
      throw new TypeError('fetch failed');
    });
    expect(await client.state(day, numbers)).toMatchObject({ kind: 'stated', repeated: taken });
    expect(stage.leaves()).toHaveLength(1);
    expect(sent[1]?.body).not.toBe(sent[0]?.body);
  });

  it.each([429, 503])('sends it again after a %d', async (status) => {
    const { client, sent } = await wire((nth, honest) =>
      nth === 1 ? Promise.resolve(replyOf(status, {})) : honest(),
    );
    expect(await client.state(day, numbers)).toMatchObject({ kind: 'stated' });
    expect(sent).toHaveLength(2);
  });

  it('is told why it is refused, and does not send it again', async () => {
    const { client, sent } = await wire();
    await client.state(day, numbers);
    expect(await client.state(day, {})).toMatchObject({
      kind: 'refused',
      problem: { name: 'reference-conflict', status: 409 },
    });
    expect(sent).toHaveLength(2);
  });

  it('hears that it was lost when nothing ever came back', async () => {
    const { client } = await wire(() => Promise.reject(new TypeError('fetch failed')));
    expect(await client.state(day, numbers)).toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['of another shape', { id: 'x' }],
    [
      'about another day',
      { id: '01a9b4a5-3800-7abc-9def-0123456789ab', day: '2027-01-01', repeated: false },
    ],
  ])('does not believe an answer %s', async (_, body) => {
    const { client } = await wire(() => Promise.resolve(replyOf(201, body)));
    await expect(client.state(day, numbers)).rejects.toMatchObject({ check: 'shape' });
  });
});
