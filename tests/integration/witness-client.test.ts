import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { httpWitnessClient } from '#functions/runtime/log/witness-client.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { listen, type Respond, textOf } from './http-listener.ts';

const body = utf8('old 0\n\nnote\n');

const say =
  (status: number, text = '', headers: Readonly<Record<string, string>> = {}): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status, { ...headers }).end(text));
  };

/** Answers each request with the next of these, and with the last for ever. */
const inTurn = (...answers: readonly Respond[]): Respond => {
  let turn = 0;
  return (request, response) => {
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    answer?.(request, response);
  };
};

const reset = (request: IncomingMessage): void => {
  request.socket.resetAndDestroy();
};

const cosigned = say(200, '— w AAAA\n', { 'content-type': 'text/plain; charset=utf-8' });
const conflict = say(409, '7\n', { 'content-type': 'text/x.tlog.size' });

/** A client with a clock of its own. */
const setUp = (timeout?: number) => {
  let time = 1_800_000_000_000;
  const now = () => time;
  const client = httpWitnessClient(timeout === undefined ? { now } : { now, timeout });
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { client, pass };
};

const silent = { name: 'WitnessSilent' };

describe('a witness', () => {
  it('is sent the request as it is, and its answer is told as it is', async () => {
    const got = Promise.withResolvers<readonly [IncomingMessage, string]>();
    await using witness = await listen((request, response) => {
      const note = async (): Promise<void> => {
        const text = await textOf(request);
        got.resolve([request, text]);
        response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('7\n');
      };
      note().catch(got.reject);
    });
    const { client } = setUp();
    expect(await client(`${witness.url}/w1`, body)).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      body: '7\n',
    });
    const [{ method, url }, text] = await got.promise;
    expect([method, url, text]).toEqual(['POST', '/w1/add-checkpoint', 'old 0\n\nnote\n']);
  });

  it('is asked over one connection again and again', async () => {
    await using witness = await listen(cosigned);
    const { client } = setUp();
    for (let n = 0; n < 3; n += 1) await client(witness.url, body);
    expect([witness.requests.length, witness.sockets.length]).toEqual([3, 1]);
  });

  it('is not followed to another address', async () => {
    await using other = await listen(cosigned);
    await using witness = await listen(say(307, '', { location: `${other.url}/add-checkpoint` }));
    expect(await setUp().client(witness.url, body)).toMatchObject({ status: 307 });
    expect(other.requests).toHaveLength(0);
  });

  it.each([
    ['breaks the connection', reset],
    ['answers more than 64 KB', say(200, 'x'.repeat(65_537))],
    [
      'breaks off in the middle',
      (request: IncomingMessage, response: ServerResponse) => {
        request.resume();
        response.writeHead(200, { 'content-length': '100' });
        response.write('x', () => response.destroy());
      },
    ],
    [
      'speaks another protocol',
      (_: IncomingMessage, response: ServerResponse) => {
        response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
      },
    ],
  ] as const)('that %s gives no answer', async (_, respond) => {
    await using witness = await listen(respond);
    await expect(setUp().client(witness.url, body)).rejects.toMatchObject(silent);
  });

  it('may answer 64 KB', async () => {
    await using witness = await listen(say(200, 'x'.repeat(65_536)));
    expect((await setUp().client(witness.url, body)).body).toHaveLength(65_536);
  });

  it('that never answers is given up, and its connection too', async () => {
    await using witness = await listen((request) => request.resume());
    const asking = setUp(20).client(witness.url, body);
    await expect(asking).rejects.toMatchObject(silent);
    const [socket] = witness.sockets;
    if (socket?.destroyed === false) await once(socket, 'close');
    expect(socket?.destroyed).toBe(true);
  });

  it('that answers without an end is given up, too', async () => {
    await using witness = await listen((request, response) => {
      request.resume();
      response.writeHead(200).write('x');
    });
    await expect(setUp(50).client(witness.url, body)).rejects.toMatchObject(silent);
  });

  it.each(['', 'no address', 'ftp://127.0.0.1/w', 'file:///etc/passwd'])(
    'at %j is not asked',
    async (url) => {
      await expect(setUp().client(url, body)).rejects.toMatchObject(silent);
    },
  );
});

describe('a witness that fails', () => {
  it('is left alone for 2, 4, 8 seconds and so on, up to five minutes', async () => {
    await using witness = await listen(reset);
    const { client, pass } = setUp();
    const rests = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000);
    for (const [n, rest] of rests.entries()) {
      await expect(client(witness.url, body)).rejects.toMatchObject(silent);
      expect(witness.requests).toHaveLength(n + 1);
      pass(rest - 1);
      await expect(client(witness.url, body)).rejects.toThrow('left alone');
      expect(witness.requests).toHaveLength(n + 1);
      pass(1);
    }
  });

  it('is asked as before once it has cosigned', async () => {
    await using witness = await listen(inTurn(say(503), say(503), cosigned, say(503), cosigned));
    const { client, pass } = setUp();
    await client(witness.url, body);
    pass(2000);
    await client(witness.url, body);
    pass(4000);
    expect(await client(witness.url, body)).toMatchObject({ status: 200 });
    expect(await client(witness.url, body)).toMatchObject({ status: 503 });
    pass(2000);
    expect(await client(witness.url, body)).toMatchObject({ status: 200 });
  });

  it.each([301, 400, 403, 404, 422, 429, 500, 503])('with %d is left alone', async (status) => {
    await using witness = await listen(say(status));
    const { client } = setUp();
    expect(await client(witness.url, body)).toMatchObject({ status });
    await expect(client(witness.url, body)).rejects.toThrow('left alone');
  });

  it('does not keep another from being asked', async () => {
    await using broken = await listen(reset);
    await using sound = await listen(cosigned);
    const { client } = setUp();
    await expect(client(broken.url, body)).rejects.toMatchObject(silent);
    expect(await client(sound.url, body)).toMatchObject({ status: 200 });
  });

  it('is not one that says where it stands; one that always does is', async () => {
    await using witness = await listen(inTurn(conflict, cosigned, conflict));
    const { client } = setUp();
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await client(witness.url, body)).status);
    expect(statuses).toEqual([409, 200, 409, 409]);
    await expect(client(witness.url, body)).rejects.toThrow('left alone');
  });
});
