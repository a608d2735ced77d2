import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { witnessService } from '#shared/audit/witness-service.ts';
import { startWitnessServer, type Told } from '#shared/client/cli/witness/server.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { growthOver, leavesOf } from '#tests/support/test-log.ts';

const origin = 'exchange.example/log/0';

/** The server of a witness in this process, and what it told of its requests. */
const startServer = async () => {
  const latest = memoryLatestTree();
  const fate: { bug?: Error } = {};
  const signer = noteKey('witness.example/w', 'cosignature');
  const service = witnessService({
    logs: [noteKey(origin, 'ed25519').verifier],
    latest: latest.store,
    signer: {
      ...signer,
      sign: async (message) => {
        if (fate.bug !== undefined) throw fate.bug;
        return signer.sign(message);
      },
    },
    now: Date.now,
  });
  const told: Told[] = [];
  const server = await startWitnessServer(service, { host: '127.0.0.1', port: 0 }, (one) => {
    told.push(one);
  });
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, told, fate, faults: latest.faults };
};

const post = async (url: string, old: number, size: number): Promise<Response> =>
  fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: Uint8Array.from(formatAddCheckpoint(await growthOver(origin, old, leavesOf(size)))),
  });

describe('the server of estelam witness', () => {
  it('answers as the core does, and tells of origin, size and status', async () => {
    const { url, told, faults } = await startServer();
    const answers = [await post(url, 0, 3), await post(url, 0, 5)];
    faults.breakCall('read', 'not-persisted');
    answers.push(await post(url, 3, 5), await fetch(`${url}/add-checkpoint?secret`));
    expect(answers.map(({ status }) => status)).toEqual([200, 409, 503, 404]);
    expect(answers.map(({ headers }) => headers.get('content-type'))).toEqual([
      'text/plain; charset=utf-8',
      'text/x.tlog.size',
      'text/plain; charset=utf-8',
      'text/plain; charset=utf-8',
    ]);
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
    expect(told).toEqual([
      { origin, size: '3', status: 200 },
      { origin, size: '5', status: 409 },
      { origin, size: '5', status: 503 },
      { status: 404 },
    ]);
  });

  it('looks at the path without its query', async () => {
    const { url } = await startServer();
    expect((await fetch(`${url}/?from=somewhere`)).status).toBe(200);
  });

  it('says nothing of a bug but to the terminal', async () => {
    const { url, told, fate } = await startServer();
    const printed: string[] = [];
    const spy = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => printed.push(text.toString()) > 0);
    onTestFinished(() => spy.mockRestore());
    fate.bug = new TypeError('the bug');
    const answer = await post(url, 0, 3);
    expect([answer.status, await answer.text()]).toEqual([500, 'Internal Server Error\n']);
    expect(printed.join('')).toContain('TypeError: the bug');
    expect(told).toEqual([{ status: 500 }]);
  });

  it('goes on after a request that was broken off', async () => {
    const { url } = await startServer();
    const outgoing = httpRequest(`${url}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-length': 100 },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('old 0');
    await once(outgoing, 'socket');
    outgoing.destroy();
    expect((await post(url, 0, 3)).status).toBe(200);
  });
});

describe('the limits of its server', () => {
  it('are 256 KB of a body: it does not wait for the rest', async () => {
    const { url } = await startServer();
    const outgoing = httpRequest(`${url}/add-checkpoint`, { method: 'POST' });
    outgoing.on('error', () => undefined);
    outgoing.write(Buffer.alloc(300_000, 'x'));
    const [answer] = z
      .tuple([z.looseObject({ statusCode: z.int(), headers: z.record(z.string(), z.unknown()) })])
      .parse(await once(outgoing, 'response'));
    expect(answer.statusCode).toBe(413);
    expect(answer.headers['connection']).toBe('close');
    outgoing.destroy();
    expect((await post(url, 0, 3)).status).toBe(200);
  });

  it('are a time for the head of a request', async () => {
    const { url } = await startServer();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: witness\r\nX-Slow: ');
    const said = await socket.setEncoding('utf8').toArray();
    expect(said.join('')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('are 64 connections at once', async () => {
    const { url } = await startServer();
    const open = async (): Promise<Socket> => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
    const ask = async (socket: Socket): Promise<string> => {
      const answer = Promise.race([
        once(socket, 'data').then(([data]) => String(data)),
        once(socket, 'close').then(() => 'closed'),
      ]);
      socket.write('GET / HTTP/1.1\r\nHost: witness\r\n\r\n');
      return answer;
    };
    const sockets = await Promise.all(Array.from({ length: 64 }, open));
    const answers = await Promise.all(sockets.map(ask));
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200 '))).toHaveLength(64);
    expect(await ask(await open())).toBe('closed');
    const [first] = sockets;
    first?.destroy();
    const again = async (): Promise<string> => {
      const answer = await ask(await open());
      return answer === 'closed' ? again() : answer;
    };
    expect(await again()).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of sockets) socket.destroy();
  });
});
