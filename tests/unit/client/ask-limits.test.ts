import { describe, expect, it } from 'vitest';
import { writeLimits } from '#shared/api/limit-fields.ts';
import type { Reply } from '#shared/client/transport.ts';
import type { LimitState } from '#shared/kernel/limit-state.ts';
import { question, replyOf, wire } from './exchange-transport.ts';

const day: LimitState = {
  name: 'service-counter-day',
  quota: 100,
  window: 86_400,
  left: 12,
  reset: 7200,
};

const problem = { type: 'https://docs.estelam.example/problems/rate-limited', detail: 'Used up.' };

const refusedFor = (seconds: number): Reply =>
  replyOf(429, problem, {
    'retry-after': String(seconds),
    ...writeLimits([{ ...day, left: 0, reset: seconds }]),
  });

describe('a counter that asks under a quota', () => {
  it('learns what is left from an answer', async () => {
    const { client } = await wire(async ({ call }, honest) => {
      const reply = await honest();
      if (call.method !== 'POST') return reply;
      return replyOf(reply.status, await reply.text(), { ...writeLimits([day]) });
    });
    expect(await client.ask(question)).toMatchObject({ kind: 'answered', limits: [day] });
  });

  it('learns of none where the exchange says nothing of any', async () => {
    const { client } = await wire();
    expect(await client.ask(question)).toMatchObject({ kind: 'answered', limits: [] });
  });

  it('does not wait for tomorrow, and is told when there is more', async () => {
    const { client, pauses, sent } = await wire(async ({ call }, honest) =>
      call.method === 'POST' ? refusedFor(7200) : honest(),
    );
    expect(await client.ask(question)).toMatchObject({
      kind: 'refused',
      status: 429,
      problem: { name: 'rate-limited' },
      receipt: undefined,
      limits: [{ ...day, left: 0, reset: 7200 }],
    });
    expect(pauses).toEqual([]);
    expect(sent.filter(({ call }) => call.method === 'POST')).toHaveLength(1);
  });

  it('waits for the next second, and is answered then', async () => {
    const { client, pauses } = await wire(async ({ call }, honest, nth) =>
      call.method === 'POST' && nth === 1 ? refusedFor(1) : honest(),
    );
    expect(await client.ask(question)).toMatchObject({ kind: 'answered', outcome: 'FOUND' });
    expect(pauses).toEqual([1000]);
  });
});
