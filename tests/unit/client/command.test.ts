import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { problemDocument } from '#shared/api/problem-document.ts';
import { exchangeClient } from '#shared/client/exchange-client.ts';
import { type DraftedCommand, signKeyProof } from '#shared/client/sign-command.ts';
import type { Reply, Transport } from '#shared/client/transport.ts';
import { Problem } from '#shared/kernel/problem.ts';
import {
  commandAudience,
  commandIdAt,
  counterId,
  makeCommanded,
  suspend,
} from '#tests/support/commands.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { replyOf } from './exchange-transport.ts';

const told = (problem: Problem): Reply =>
  replyOf(
    problem.status,
    problemDocument(problem, {
      language: 'en',
      requestId: 'r',
      now: 0,
      status: problem.status,
    }),
  );

/** What is answered to the nth command; `undefined` where the exchange itself answers. */
type Disturb = (nth: number, honest: () => Promise<Reply>) => Promise<Reply>;

const wire = async (disturb: Disturb = (_, honest) => honest()) => {
  const stage = await makeCommanded();
  const sent: { readonly url: string; readonly type: string; readonly body: string }[] = [];
  const pauses: number[] = [];
  const fetch: Transport = (url, { headers, body = '' }) => {
    sent.push({ url, type: headers['content-type'] ?? '', body });
    return disturb(sent.length, async () => {
      try {
        const result = await stage.run(body);
        return replyOf(result.repeated ? 200 : 201, result);
      } catch (error) {
        if (error instanceof Problem) return told(error);
        throw error;
      }
    });
  };
  const { registrar } = stage.keys;
  const client = exchangeClient({
    baseUrl: 'http://127.0.0.1:1',
    origin: 'https://exchange.example',
    participant: registrar.owner,
    signer: registrar.signer,
    fetch,
    wait: (milliseconds) => {
      pauses.push(milliseconds);
      stage.clock.advance(milliseconds);
      return Promise.resolve();
    },
    now: stage.clock.now,
    random: (length) => randomBytes(length),
  });
  return { stage, client, sent, pauses };
};

const idsIn = (sent: readonly { readonly body: string }[]): readonly unknown[] =>
  sent.map(({ body }) => {
    const { cmd } = payloadOf(body);
    return cmd;
  });

describe('a command of a client', () => {
  it('takes effect, and comes back with its number and what it led to', async () => {
    const { client, sent, stage } = await wire();
    const result = await client.command(suspend(1));
    const entries = [{ kind: 'participant', key: counterId(1), version: 2 }];
    const n = stage.begun + 1;
    expect(result).toMatchObject({ kind: 'done', n, t: testNow, entries, repeated: false });
    expect(sent).toMatchObject([
      { url: 'http://127.0.0.1:1/v1/commands', type: 'application/jwt' },
    ]);
  });

  it.each([
    ['a connection that broke before it was taken', false],
    ['a connection that broke behind it', true],
  ])('is sent again after %s, with the same content and signed anew', async (_, taken) => {
    const { client, sent, pauses, stage } = await wire(async (nth, honest) => {
      if (nth > 1) return honest();
      if (taken) await honest();
      throw new TypeError('fetch failed');
    });
    const result = await client.command(suspend(1));
    expect(result).toMatchObject({ kind: 'done', repeated: taken });
    expect(pauses).toHaveLength(1);
    const [first, second] = idsIn(sent);
    expect(second).toEqual(first);
    expect(sent[1]?.body).not.toBe(sent[0]?.body);
    expect(stage.leaves()).toHaveLength(1);
  });

  it.each([429, 502, 503, 504])('is sent again after a %d', async (status) => {
    const { client, sent } = await wire((nth, honest) =>
      nth === 1 ? Promise.resolve(replyOf(status, {})) : honest(),
    );
    expect(await client.command(suspend(1))).toMatchObject({ kind: 'done' });
    expect(sent).toHaveLength(2);
  });

  it('that is refused says why, with the version that stands, and is not sent again', async () => {
    const { client, sent } = await wire();
    const result = await client.command(suspend(1, 7));
    expect(result).toMatchObject({
      kind: 'refused',
      problem: { name: 'stale-version', status: 409, current: 1 },
    });
    expect(sent).toHaveLength(1);
  });

  it('that never came through is lost, and can be sent again under its id', async () => {
    let broken = true;
    const { client } = await wire((_, honest) =>
      broken ? Promise.reject(new TypeError('fetch failed')) : honest(),
    );
    const lost = await client.command(suspend(1));
    expect(lost.kind).toBe('lost');
    broken = false;
    expect(await client.command(suspend(1, 1, lost.id))).toMatchObject({
      kind: 'done',
      id: lost.id,
    });
  });

  it('whose answer is of another shape is not believed', async () => {
    const { client } = await wire(() => Promise.resolve(replyOf(201, { n: 0 })));
    await expect(client.command(suspend(1))).rejects.toMatchObject({ check: 'shape' });
  });

  it('with an id that is none is not sent', async () => {
    const { client, sent } = await wire();
    expect(() => client.command(suspend(1, 1, 'one'))).toThrow('invalid_format');
    expect(sent).toEqual([]);
  });

  it('adds a key with the proof that the new key signs', async () => {
    const { client, stage } = await wire();
    const added = await makeKey('Ed25519', counterId(2));
    const id: DraftedCommand['id'] = commandIdAt(testNow);
    const proof = await signKeyProof(id, added.signer, {
      participant: counterId(2),
      audience: commandAudience,
      now: stage.clock.now,
      random: (length) => randomBytes(length),
    });
    const span = { notBefore: testNow, notAfter: testNow + 86_400_000 };
    const about = { owner: counterId(2), jwk: { ...added.jwk }, label: 'till-2', role: 'station' };
    const command = { do: 'key.add', on: 0, with: { ...about, ...span, proof } };
    expect(await client.command({ ...command, id })).toMatchObject({ kind: 'done' });
    expect(await stage.registry.store.findKey(added.kid)).toMatchObject({ owner: counterId(2) });
  });
});
