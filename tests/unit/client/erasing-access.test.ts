import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { erasingAccess } from '#shared/client/erasing-access.ts';
import type { Call, Reply } from '#shared/client/transport.ts';
import {
  listHolds,
  readErasure,
  takeErasure,
  takeHold,
  takeRelease,
} from '#shared/oversight/erasure/desk.ts';
import { registrarOf } from '#tests/support/commands.ts';
import { testDesk } from '#tests/support/erasure-desk.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { makeKey, requestFactsExample } from '#tests/support/messages.ts';
import { replyOf } from './exchange-transport.ts';

const by = 'registrar:one';
const { subject } = requestFactsExample;

/** A registrar's client of a desk; `disturb` may lose an answer. */
const stageOf = async (disturb: (nth: number, honest: Reply) => Reply = (_, honest) => honest) => {
  const { exchange, clock } = await makeExchange({ registry: [registrarOf(by)] });
  const { jobs } = await testDesk({ exchange, clock }, by);
  const desk = { ...exchange, ...jobs };
  const sent: string[] = [];
  const answer = async (path: string, { method, body }: Call): Promise<Reply> => {
    const json = z.record(z.string(), z.json()).parse(JSON.parse(body ?? '{}'));
    const [, , kind, id] = path.split('/');
    if (kind === 'erasures') {
      return method === 'POST'
        ? replyOf(202, await takeErasure(desk)(json, by))
        : replyOf(200, await readErasure(desk)(id));
    }
    if (id !== undefined) return replyOf(200, await takeRelease(desk)(id, json, by));
    return method === 'POST'
      ? replyOf(201, await takeHold(desk)(json, by))
      : replyOf(200, { holds: await listHolds(desk)(by) });
  };
  const key = await makeKey('ES256', by);
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const access = erasingAccess(
    {
      baseUrl: 'http://127.0.0.1:1',
      origin: 'https://exchange.example',
      headers: {},
      timeout: 1000,
      wait: async () => undefined,
      fetch: async (url, call) => {
        sent.push(`${call.method} ${new URL(url).pathname}`);
        return disturb(sent.length, await answer(new URL(url).pathname, call));
      },
    },
    { participant: by, signer: key.signer, now: clock.now, random },
  );
  return { access, sent, jobs };
};

describe('erasures and holds of the SDK', () => {
  it('order an erasure, and look how far it is', async () => {
    const { access, sent } = await stageOf();
    const ordered = await access.erase({ order: 'court-1', subject });
    expect(ordered).toMatchObject({ state: 'erasing', by, order: 'court-1', n: 0 });
    expect(await access.read(ordered.id)).toEqual(ordered);
    expect(sent).toEqual(['POST /v1/erasures', `GET /v1/erasures/${ordered.id}`]);
  });

  it('place a hold, list it and release it', async () => {
    const { access } = await stageOf();
    const what = { kind: 'subject', subject } as const;
    const held = await access.hold({ order: 'court-2', reason: 'A case is open.', what });
    expect(held).toMatchObject({ state: 'holding', seen: true, what: { kind: 'subject' } });
    expect((await access.holds()).map(({ id }) => id)).toContain(held.id);
    const released = await access.release(held.id, { order: 'court-3', reason: 'It is closed.' });
    expect(released).toMatchObject({ state: 'released', released: { by, order: 'court-3' } });
  });

  it('are one, when their answer is lost and they are sent again', async () => {
    const { access, sent, jobs } = await stageOf((nth, honest) => {
      if (nth === 1) throw new TypeError('The connection is lost.');
      return honest;
    });
    const before = (await jobs.erasures.list()).length;
    await access.erase({ order: 'court-1', subject });
    expect(sent).toEqual(['POST /v1/erasures', 'POST /v1/erasures']);
    expect(await jobs.erasures.list()).toHaveLength(before + 1);
  });

  it('believe no answer of another shape', async () => {
    const { access } = await stageOf(() => replyOf(200, { id: 'x', state: 'gone' }));
    const what = { kind: 'everything' } as const;
    for (const ask of [
      () => access.erase({ order: 'court-1', subject }),
      () => access.hold({ order: 'court-1', reason: 'A case is open.', what }),
      () => access.holds(),
    ]) {
      await expect(ask()).rejects.toMatchObject({ name: 'UntrustedReply' });
    }
  });
});
