import { describe, expect, it } from 'vitest';
import { authorizeSender } from '#shared/api/authorize.ts';
import { postJson } from '#shared/client/post-json.ts';
import type { Call, Reply } from '#shared/client/transport.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { directoryOf, makeKey, registered, testNow } from '../../support/messages.ts';
import { replyOf } from './exchange-transport.ts';

const origin = 'https://exchange.example';
const target = '/v1/audit/subject-search';
const now = () => testNow;

/** A reader whose questions are answered by `answer`, and what it sent. */
const asking = async (answer: (nth: number) => Promise<Reply>) => {
  const key = await makeKey('ES256', 'auditor:inspection');
  const sent: Call[] = [];
  const pauses: number[] = [];
  const connection = {
    baseUrl: 'http://127.0.0.1:1',
    origin,
    headers: {},
    timeout: 1000,
    wait: async (milliseconds: number) => void pauses.push(milliseconds),
    fetch: async (_url: string, call: Call) => {
      sent.push(call);
      return answer(sent.length);
    },
  };
  const random = (length: number) => new Uint8Array(length).fill(sent.length);
  const reader = { participant: key.owner, signer: key.signer, now, random };
  const ask = (question: object = { order: 'کلانتری-12' }) =>
    postJson(connection, target, reader, { ...question });
  return { ask, sent, pauses, key };
};

describe('a question that is posted', () => {
  it('carries a token that names its very body, letters of Persian and all', async () => {
    const { ask, sent, key } = await asking(async () => replyOf(200, { entries: [] }));
    expect(await ask()).toEqual({ entries: [] });
    const [call] = sent;
    expect(call).toMatchObject({ method: 'POST', body: '{"order":"کلانتری-12"}' });
    expect(call?.headers['content-type']).toBe('application/json');
    const admitted = authorizeSender(
      call?.headers['authorization'],
      { roles: ['auditor'] },
      { method: 'POST', path: target, query: '', body: utf8(call?.body ?? '') },
      {
        audience: origin,
        keyOf: directoryOf([await registered(key)]),
        now,
        isActive: async () => true,
      },
    );
    expect(await admitted).toEqual({ by: 'auditor:inspection', kid: key.kid });
  });

  it('may be answered as accepted or created', async () => {
    const { ask } = await asking(async (nth) => replyOf(nth === 1 ? 202 : 201, { id: nth }));
    expect([await ask(), await ask()]).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('is asked again under a fresh token where no answer came, or none was final', async () => {
    const { ask, sent, pauses } = await asking((nth) =>
      nth === 1
        ? Promise.reject(new TypeError('fetch failed'))
        : Promise.resolve(replyOf(nth === 2 ? 503 : 200, {})),
    );
    expect(await ask()).toEqual({});
    expect(pauses).toHaveLength(2);
    expect(new Set(sent.map(({ headers }) => headers['authorization'])).size).toBe(3);
  });

  it('that is refused says why, and is not asked again', async () => {
    const problem = { type: 'https://docs.example/problems/invalid-body', detail: 'order' };
    const { ask, sent } = await asking(async () => replyOf(422, problem));
    await expect(ask()).rejects.toMatchObject({ problem: { name: 'invalid-body', status: 422 } });
    expect(sent).toHaveLength(1);
  });

  it('is not answered by what is no JSON', async () => {
    const { ask } = await asking(async () => replyOf(200, '<html>'));
    await expect(ask()).rejects.toMatchObject({ name: 'UntrustedReply', check: 'shape' });
  });
});
