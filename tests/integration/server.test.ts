import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import sample from '#events/samples/http/submit-inquiry.json' with { type: 'json' };
import manifest from '#events/samples/manifest.json' with { type: 'json' };
import { type Handlers, loadHandlers, startServer } from '#infra/local/server.ts';
import { routes } from '#shared/api/routes.ts';

type Handler = (event: APIGatewayProxyEventV2) => Promise<{
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}>;

type Serving = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Every event that reached a handler. */
  readonly events: readonly APIGatewayProxyEventV2[];
};

const fine: Handler = () => Promise.resolve({ statusCode: 200, body: 'fine' });

/** Serves the table of routes on a free port, every one of them by this handler. */
const serving = async (handler: Handler = fine): Promise<Serving> => {
  const events: APIGatewayProxyEventV2[] = [];
  const noting: Handler = (event) => {
    events.push(event);
    return handler(event);
  };
  const handlers: Handlers = new Map(routes.map((route) => [route.function, noting]));
  const server = await startServer(handlers, 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    server,
    events,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

/** All that comes back on a connection until it is closed. */
const allOf = async (socket: Socket): Promise<string> => {
  let text = '';
  for await (const chunk of socket.setEncoding('latin1')) text += String(chunk);
  return text;
};

/** Sends a request as it stands, and reads until the server closes the connection. */
const raw = async ({ port }: Serving, text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return allOf(socket);
};

const head = (line: string, ...fields: readonly string[]): string =>
  [line, 'host: exchange.example', 'connection: close', ...fields, '', ''].join('\r\n');

/** The names of an object's members, and of those inside it, as paths. */
const members = (value: object, under = ''): readonly string[] =>
  Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null && name !== 'headers'
      ? members(inner, `${under}${name}.`)
      : [`${under}${name}`],
  );

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the event of a request', () => {
  it('has the members that API Gateway gives it, and says the same of the same request', async () => {
    await using server = await serving();
    // What fetch writes itself.
    const written = new Set(['content-length', 'host']);
    const rest = Object.fromEntries(
      Object.entries(sample.headers).filter(([name]) => !written.has(name)),
    );
    await fetch(`${server.url}/v1/inquiries`, {
      method: 'POST',
      headers: rest,
      body: Buffer.from(sample.body, 'base64'),
    });
    const [event] = server.events;
    expect(members(event ?? {}).toSorted()).toEqual(members(sample).toSorted());
    const { version, routeKey, rawPath, rawQueryString, body, isBase64Encoded } = sample;
    const { http, stage } = sample.requestContext;
    expect(event).toMatchObject({
      version,
      routeKey,
      rawPath,
      rawQueryString,
      body,
      isBase64Encoded,
      headers: { ...rest, 'content-length': sample.headers['content-length'] },
      requestContext: {
        routeKey,
        stage,
        http: { ...http, sourceIp: '127.0.0.1' },
      },
    });
  });

  it('tells the time as the gateway writes it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: sample.requestContext.timeEpoch });
    await using server = await serving();
    await fetch(`${server.url}/healthz`);
    vi.useRealTimers();
    const { time, timeEpoch } = sample.requestContext;
    expect(server.events[0]?.requestContext).toMatchObject({ time, timeEpoch });
  });

  it('leaves out what a request does not have', async () => {
    await using server = await serving();
    await fetch(`${server.url}/v1/services`);
    const [event] = server.events;
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const absent of ['body', 'queryStringParameters', 'pathParameters', 'cookies']) {
      expect(event).not.toHaveProperty(absent);
    }
  });

  it('has an id of its own', async () => {
    await using server = await serving();
    await fetch(`${server.url}/healthz`);
    await fetch(`${server.url}/healthz`);
    const ids = server.events.map(({ requestContext }) => requestContext.requestId);
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ['/v1/services/civil-registry/identity', { agency: 'civil-registry', name: 'identity' }],
    ['/v1/services/civil%2Dregistry/a%2Fb', { agency: 'civil-registry', name: 'a/b' }],
    ['/v1/services/%D8%AB%D8%A8%D8%AA/x', { agency: 'ثبت', name: 'x' }],
    ['/v1/services/%zz/%', { agency: '%zz', name: '%' }],
    ['/v1/services/a+b/c%20d', { agency: 'a+b', name: 'c d' }],
    ['/v1/services/__proto__/constructor', { agency: '__proto__', name: 'constructor' }],
  ])('decodes the parameters of %s', async (path, parameters) => {
    await using server = await serving();
    await raw(server, head(`GET ${path} HTTP/1.1`));
    expect(server.events[0]).toMatchObject({ rawPath: path, pathParameters: parameters });
  });

  it.each([
    ['/log/0/checkpoint', 'GET /log/{shard}/checkpoint', { shard: '0' }],
    ['/log/0/tile/0/x001/234.p/5', 'GET /log/{shard}/tile/{tile+}', { tile: '0/x001/234.p/5' }],
    [
      '/log/0/tile/entries/x001/234',
      'GET /log/{shard}/tile/entries/{bundle+}',
      { bundle: 'x001/234' },
    ],
    ['/log/0/tile/entries', 'GET /log/{shard}/tile/{tile+}', { tile: 'entries' }],
    ['/log/0/tile/entriesx/000', 'GET /log/{shard}/tile/{tile+}', { tile: 'entriesx/000' }],
    ['/log/0/tile/a%2Fb/%41', 'GET /log/{shard}/tile/{tile+}', { tile: 'a/b/A' }],
    ['/log/0/tile/a//b/', 'GET /log/{shard}/tile/{tile+}', { tile: 'a//b/' }],
    ['/v1/inquiries/a/proof', 'GET /v1/inquiries/{id}/proof', { id: 'a' }],
    ['/v1/inquiries/proof', 'GET /v1/inquiries/{id}', { id: 'proof' }],
  ])('finds the route that says most of %s', async (path, routeKey, parameters) => {
    await using server = await serving();
    await raw(server, head(`GET ${path} HTTP/1.1`));
    expect(server.events[0]).toMatchObject({ routeKey, pathParameters: parameters });
  });

  it('decodes a query, and joins what comes twice by a comma', async () => {
    await using server = await serving();
    await fetch(`${server.url}/v1/audit/entries?from=a%3Ab&limit=1&limit=2&empty=&x=1+2`);
    expect(server.events[0]).toMatchObject({
      rawQueryString: 'from=a%3Ab&limit=1&limit=2&empty=&x=1+2',
      queryStringParameters: { from: 'a:b', limit: '1,2', empty: '', x: '1 2' },
    });
  });

  it('joins thousands of parameters of one name', async () => {
    await using server = await serving();
    await raw(server, head(`GET /v1/services?${'a&'.repeat(7900)} HTTP/1.1`));
    expect(server.events[0]?.queryStringParameters?.['a']).toBe(','.repeat(7899));
  });

  it('joins headers that come twice, also those that decide who somebody is', async () => {
    await using server = await serving();
    const fields = [
      'X-Twice: one',
      'x-twice: two',
      'authorization: Bearer a',
      'Authorization: Bearer b',
    ];
    await raw(server, head('GET /healthz HTTP/1.1', ...fields));
    expect(server.events[0]?.headers).toMatchObject({
      'x-twice': 'one,two',
      authorization: 'Bearer a,Bearer b',
    });
  });

  it.each([
    ['application/sd-jwt', true],
    ['application/jwt', true],
    [undefined, true],
    ['application/json', false],
    ['text/plain; charset=utf-8', false],
  ])('hands a body of %s over as base64: %s', async (type, isBase64Encoded) => {
    await using server = await serving();
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    const body = Buffer.from('سلام');
    await fetch(`${server.url}/v1/inquiries`, { method: 'POST', headers, body });
    expect(server.events[0]).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? body.toString('base64') : 'سلام',
    });
  });
});

describe('the answer to a request', () => {
  it('is what the handler says: status, headers and body', async () => {
    await using server = await serving(() =>
      Promise.resolve({
        statusCode: 418,
        headers: { 'x-one': '1', 'content-type': 'text/plain' },
        body: Buffer.from('سلام').toString('base64'),
        isBase64Encoded: true,
      }),
    );
    const response = await fetch(`${server.url}/healthz`);
    expect([response.status, response.headers.get('x-one')]).toEqual([418, '1']);
    expect(await response.text()).toBe('سلام');
  });

  it.each([
    ['GET', '/'],
    ['GET', '/v1/inquiries/'],
    ['GET', '/v1/inquiries/a/b'],
    ['GET', '/v1/services/a'],
    ['GET', '/V1/services'],
    ['GET', '/healthz/'],
    ['GET', '/xwell-known/estelam'],
    ['GET', '/.well-known/jwksxjson'],
    ['GET', '/v1/inquiries'],
    ['GET', '/v1/inquiries/a/proof/'],
    ['GET', '/log/0'],
    ['GET', '/log/0/checkpoint/'],
    ['GET', '/log/0/tile/'],
    ['GET', '/log/0/1/tile/0/000'],
    ['POST', '/v1/services'],
    ['PUT', '/v1/inquiries'],
    ['DELETE', '/v1/inquiries/a'],
    ['OPTIONS', '/v1/inquiries'],
    ['PROPFIND', '/healthz'],
  ])('is 404 for %s %s, as the gateway says it', async (method, path) => {
    await using server = await serving();
    const text = await raw(server, head(`${method} ${path} HTTP/1.1`));
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).toContain('\r\n{"message":"Not Found"}\r\n');
    expect(server.events).toEqual([]);
  });

  it('is 404 for HEAD: the gateway has GET only', async () => {
    await using server = await serving();
    const response = await fetch(`${server.url}/log/0/checkpoint`, { method: 'HEAD' });
    expect(response.status).toBe(404);
    expect(server.events).toEqual([]);
  });

  it('is 413 for a body of more than the gateway takes, and it is heard', async () => {
    await using server = await serving();
    const limit = 10_485_760;
    const posted = (announced: number, sent: number): string =>
      head('POST /v1/inquiries HTTP/1.1', `content-length: ${announced}`) + 'x'.repeat(sent);
    expect(await raw(server, posted(limit, limit))).toMatch(/^HTTP\/1\.1 200 /);
    // The rest of it is still to come when the answer is given.
    const text = await raw(server, posted(limit + 100, limit + 1));
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('\r\n{"message":"Request Too Long"}\r\n');
    expect(server.events).toHaveLength(1);
  });

  it('is 500 without its text when a handler throws; the terminal is told', async () => {
    const told: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(text.toString()) > 0);
    await using server = await serving(() => Promise.reject(new Error('secret of the handler')));
    const response = await fetch(`${server.url}/healthz`);
    const text = await response.text();
    vi.restoreAllMocks();
    expect(response.status).toBe(500);
    expect(text).toBe('{"message":"Internal Server Error"}');
    expect(told.join('')).toContain('secret of the handler');
  });

  it('is 500 when there is no handler for a route', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const server = await startServer(new Map(), 0);
    const address = z.object({ port: z.number() }).parse(server.address());
    const response = await fetch(`http://127.0.0.1:${address.port}/healthz`);
    vi.restoreAllMocks();
    expect(response.status).toBe(500);
    await response.text();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  it('is 400 for what is no HTTP, and the server goes on', async () => {
    await using server = await serving();
    expect(await raw(server, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    const twice = head(
      'POST /v1/inquiries HTTP/1.1',
      'content-length: 1',
      'transfer-encoding: chunked',
    );
    expect(await raw(server, twice)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.events).toHaveLength(1);
  });

  it('is nothing to a request that is broken off, and the server goes on', async () => {
    await using server = await serving();
    const arrived = once(server.server, 'request');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(head('POST /v1/inquiries HTTP/1.1', 'content-length: 100'));
    await arrived;
    socket.resetAndDestroy();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.events.map(({ rawPath }) => rawPath)).toEqual(['/healthz']);
  });
});

describe('the server', () => {
  it('gives slow heads ten seconds and slow bodies thirty, and listens on this machine only', async () => {
    await using server = await serving();
    expect(server.server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000 });
    expect(server.server.address()).toMatchObject({ address: '127.0.0.1' });
  });

  it('does not start on a port that is taken', async () => {
    await using server = await serving();
    await expect(startServer(new Map(), server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('loads a handler for every function of the table', async () => {
    const handlers = await loadHandlers();
    const named = new Set<string>(routes.map((route) => route.function));
    expect([...handlers.keys()].toSorted()).toEqual([...named].toSorted());
    for (const handler of handlers.values()) expect(handler).toBeTypeOf('function');
  });
});

describe('the recorded events', () => {
  it('are all named by the manifest, each with where its form comes from', async () => {
    const folder = new URL('../../events/samples/', import.meta.url);
    const files = await readdir(folder, { recursive: true });
    const samples = files.filter((file) => file.endsWith('.json') && file !== 'manifest.json');
    const Source = z.strictObject({ format: z.string(), source: z.url(), made: z.string() });
    const named = z.record(z.string(), Source).parse(manifest);
    expect(Object.keys(named).toSorted()).toEqual(samples.toSorted());
    for (const file of samples) {
      const text = await readFile(new URL(file, folder), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ version: '2.0' });
    }
  });
});
