import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpAgencies } from '#functions/runtime/agencies/http-agencies.ts';
import { freePort } from '#infra/local/free-port.ts';
import type { AgencyCall, AgencyReply } from '#shared/inquiry/ports.ts';
import { traceparent } from '#tests/support/exchange.ts';
import { listen, type Respond, textOf } from './http-listener.ts';

const token = 'eyJhbGciOiJFUzI1NiJ9.e30.AA';

/** Long enough for a loaded machine: no test waits for it. */
const patient = 20_000;

const callTo = (endpoint: string, change: Partial<AgencyCall> = {}): AgencyCall => ({
  agency: 'agency:civil-registry',
  endpoint,
  token,
  timeout: patient,
  traceparent,
  ...change,
});

const say =
  (status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status, headers).end(body));
  };

const answer = say(200, { 'content-type': 'application/sd-jwt' }, 'a.b.c~');

/** Asks an agency that answers so, once. */
const ask = async (respond: Respond, change: Partial<AgencyCall> = {}) => {
  await using agency = await listen(respond);
  const reply = await httpAgencies().ask(callTo(`${agency.url}/inquiries`, change));
  return { reply, asked: agency.requests.length };
};

afterEach(() => {
  vi.useRealTimers();
});

describe('a call to an agency', () => {
  it('posts the token as application/jwt and passes the trace on', async () => {
    const got = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
    const note = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      got.resolve({ request, body: await textOf(request) });
      response.end();
    };
    await ask((request, response) => {
      note(request, response).catch(got.reject);
    });
    const { request, body } = await got.promise;
    expect([request.method, request.url, body]).toEqual(['POST', '/inquiries', token]);
    expect(request.headers).toMatchObject({
      'content-type': 'application/jwt',
      accept: 'application/sd-jwt',
      'content-length': String(token.length),
      traceparent,
    });
    expect(Object.keys(request.headers).toSorted()).toEqual(
      ['accept', 'connection', 'content-length', 'content-type', 'host', 'traceparent'].toSorted(),
    );
  });

  it('gives back what the agency replied', async () => {
    expect(await ask(answer)).toEqual({
      reply: { kind: 'replied', status: 200, mediaType: 'application/sd-jwt', body: 'a.b.c~' },
      asked: 1,
    });
  });

  it.each([204, 400, 404, 409, 500, 503])(
    'gives back a reply of status %i, and asks once',
    async (status) => {
      const { reply, asked } = await ask(say(status, {}, status === 204 ? '' : 'no'));
      expect(reply).toMatchObject({ kind: 'replied', status });
      expect(asked).toBe(1);
    },
  );

  it.each([
    ['application/sd-jwt', 'application/sd-jwt'],
    ['Application/SD-JWT; charset=utf-8', 'application/sd-jwt'],
    ['  text/html ;x', 'text/html'],
    ['', ''],
    [undefined, ''],
  ])('reads the media type %j as %j', async (field, mediaType) => {
    const headers = field === undefined ? {} : { 'content-type': field };
    expect((await ask(say(200, headers, ''))).reply).toMatchObject({ mediaType });
  });

  it('hands a body over byte by byte, so that what is not ASCII shows', async () => {
    const { reply } = await ask(say(200, {}, Buffer.from([0x61, 0xff, 0xd8, 0xa7])));
    expect(reply).toMatchObject({ body: 'a\u00ff\u00d8\u00a7' });
  });

  it('keeps its connection for the next call', async () => {
    await using agency = await listen(answer);
    const agencies = httpAgencies();
    for (let n = 0; n < 10; n += 1) await agencies.ask(callTo(agency.url));
    expect([agency.requests.length, agency.sockets.length]).toEqual([10, 1]);
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 304, 307, 308])('of status %i is not followed', async (status) => {
    await using elsewhere = await listen(answer);
    const { reply, asked } = await ask(say(status, { location: `${elsewhere.url}/inquiries` }, ''));
    expect(reply).toEqual({ kind: 'unacceptable', reason: 'redirect', status });
    expect(asked).toBe(1);
    expect(elsewhere.sockets).toHaveLength(0);
  });
});

describe('the size of an answer', () => {
  const limit = 65_536;

  it('may be 65,536 bytes, and no byte more', async () => {
    const { reply } = await ask(say(200, {}, 'x'.repeat(limit)));
    expect(reply).toMatchObject({ kind: 'replied', body: 'x'.repeat(limit) });
    const tooLarge = { kind: 'unacceptable', reason: 'too-large', status: 200 };
    expect((await ask(say(200, {}, 'x'.repeat(limit + 1)))).reply).toEqual(tooLarge);
    const chunked: Respond = (request, response) => {
      request.resume();
      response.write('x'.repeat(limit));
      response.end('x');
    };
    expect((await ask(chunked)).reply).toEqual(tooLarge);
  });

  it.each([
    ['of 50 MB that says so', 200, { 'content-length': '50000000' }, 'too-large'],
    ['that never ends', 200, {}, 'too-large'],
    ['of 50 MB beside a redirect', 302, { 'content-length': '50000000' }, 'redirect'],
    ['that never ends beside a redirect', 302, {}, 'redirect'],
  ])(
    '%s is cut off: the connection is closed and the rest never sent',
    async (_, status, headers, why) => {
      const cut = Promise.withResolvers<number>();
      await using agency = await listen((request, response) => {
        request.resume();
        response.writeHead(status, headers);
        const { socket } = request;
        socket.once('close', () => cut.resolve(socket.bytesWritten));
        const chunk = Buffer.alloc(65_536, 'x');
        const pump = (): void => {
          response.write(chunk, (failed) => failed ?? (response.destroyed || pump()));
        };
        pump();
      });
      const reply = await httpAgencies().ask(callTo(agency.url));
      expect(reply).toEqual({ kind: 'unacceptable', reason: why, status });
      // What lies in the buffers of the two sockets was sent and not read.
      expect(await cut.promise).toBeLessThan(20_000_000);
    },
  );

  it('that is announced too large is not waited for', async () => {
    const cut = Promise.withResolvers<void>();
    await using agency = await listen((request, response) => {
      request.resume();
      request.socket.once('close', () => cut.resolve());
      response.writeHead(200, { 'content-length': String(limit + 1) });
      response.flushHeaders();
    });
    const reply = await httpAgencies().ask(callTo(agency.url));
    expect(reply).toMatchObject({ kind: 'unacceptable', reason: 'too-large' });
    await expect(cut.promise).resolves.toBeUndefined();
  });

  it('that is announced larger than what comes is a broken answer', async () => {
    const { reply, asked } = await ask((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': '100' });
      response.write('a.b.c~', () => response.destroy());
    });
    expect(reply).toEqual({ kind: 'unavailable', reason: 'broken' });
    expect(asked).toBe(1);
  });
});

/** Answers with bytes as they stand, whether or not they are HTTP. */
const rawAgency = async (respond: (socket: Socket) => void) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => respond(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

describe('an answer that is no HTTP', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n'],
    [
      'a body longer than announced',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    ],
    [
      'both a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'an answer that goes on after its end',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello and more',
    ],
    ['a header of 100 kB', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ])('but %s is broken, and asked for once', async (_, text) => {
    await using agency = await rawAgency((socket) => socket.end(text));
    const reply = await httpAgencies().ask(callTo(agency.url));
    expect(reply).toEqual({ kind: 'unavailable', reason: 'broken' });
    expect(agency.sockets).toHaveLength(1);
  });
});

describe('an agency that is slow', () => {
  const timeout = { kind: 'timeout' } as const;

  /** Lets the time of a call pass once the agency has begun with it. */
  const overdue = async (url: string, begun: Promise<void>): Promise<AgencyReply> => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const reply = httpAgencies().ask(callTo(url));
    await begun;
    await vi.advanceTimersByTimeAsync(patient - 1);
    const early = await Promise.race([reply, Promise.resolve('not yet')]);
    expect(early).toBe('not yet');
    await vi.advanceTimersByTimeAsync(1);
    return reply;
  };

  it.each([
    ['never answers', () => {}],
    [
      'drips its answer',
      (response) => {
        const drip = setInterval(() => response.write('x'), 5);
        response.once('close', () => clearInterval(drip));
        response.write('x');
      },
    ],
    [
      'says 102 for ever',
      (response) => {
        const again = setInterval(() => response.writeProcessing(), 5);
        response.once('close', () => clearInterval(again));
      },
    ],
  ] satisfies readonly (readonly [string, (response: ServerResponse) => void])[])(
    'and %s is a timeout: it was asked once, and its connection is closed',
    async (_, respond) => {
      const begun = Promise.withResolvers<void>();
      const cut = Promise.withResolvers<void>();
      await using agency = await listen((request, response) => {
        request.resume();
        request.socket.once('close', () => cut.resolve());
        respond(response);
        begun.resolve();
      });
      expect(await overdue(agency.url, begun.promise)).toEqual(timeout);
      await expect(cut.promise).resolves.toBeUndefined();
      expect(agency.requests).toHaveLength(1);
    },
  );

  it('and drips a header is a timeout, too', async () => {
    const begun = Promise.withResolvers<void>();
    await using agency = await rawAgency((socket) => {
      const drip = setInterval(() => socket.write('x'), 5);
      socket.once('close', () => clearInterval(drip));
      socket.write('HTTP/1.1 200 OK\r\nx: ', () => begun.resolve());
    });
    expect(await overdue(agency.url, begun.promise)).toEqual(timeout);
  });
});

describe('another try', () => {
  it('is made when nobody listened, for the agency was certainly not asked', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const port = await freePort();
    const failed = Promise.withResolvers<void>();
    const note = (): void => failed.resolve();
    subscribe('http.client.request.error', note);
    const reply = httpAgencies().ask(callTo(`http://127.0.0.1:${port}/`));
    await failed.promise;
    unsubscribe('http.client.request.error', note);
    const server = createServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    await vi.advanceTimersByTimeAsync(400);
    expect(await reply).toMatchObject({ kind: 'replied', body: 'hi' });
    server.close();
    await once(server, 'close');
  });

  it('is not made for ever: the agency is unreachable', async () => {
    const reply = await httpAgencies().ask(callTo(`http://127.0.0.1:${await freePort()}/`));
    expect(reply).toEqual({ kind: 'unavailable', reason: 'unreachable' });
  });

  it('is not made when the connection is reset after the request was sent: it may have been read', async () => {
    const { reply, asked } = await ask((request) => {
      request.resume();
      request.once('end', () => request.socket.resetAndDestroy());
    });
    expect(reply).toEqual({ kind: 'unavailable', reason: 'broken' });
    expect(asked).toBe(1);
  });

  it('is not made when the connection is closed without an answer', async () => {
    const { reply, asked } = await ask((request) => {
      request.resume();
      request.once('end', () => request.socket.end());
    });
    expect(reply).toEqual({ kind: 'unavailable', reason: 'broken' });
    expect(asked).toBe(1);
  });
});

describe('an address that must not be asked', () => {
  it.each([
    'http://agency.example/inquiries',
    'http://192.0.2.1/inquiries',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fd00:ec2::254]/',
    'http://0x7f.example/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'https://user:secret@agency.example/',
    'not an address',
    '',
  ])('%j is not', async (endpoint) => {
    expect(await httpAgencies().ask(callTo(endpoint))).toEqual({
      kind: 'unavailable',
      reason: 'unreachable',
    });
  });

  it('on this machine is not, if it carries credentials: no connection is made', async () => {
    await using agency = await listen(answer);
    const endpoint = agency.url.replace('http://', 'http://user:secret@');
    const reply = await httpAgencies().ask(callTo(endpoint));
    expect(reply).toEqual({ kind: 'unavailable', reason: 'unreachable' });
    expect(agency.sockets).toHaveLength(0);
  });
});

describe('an agency that fails five times in a row', () => {
  const resting: AgencyReply = { kind: 'unavailable', reason: 'resting' };
  const restTime = 10_000;

  const broken: Respond = (request) => {
    request.resume();
    request.once('end', () => request.socket.destroy());
  };

  /** An agency that breaks every call until it is told to answer so. */
  const failing = async () => {
    let respond = broken;
    const agency = await listen((request, response) => respond(request, response));
    const agencies = httpAgencies();
    const askIt = (change: Partial<AgencyCall> = {}) => agencies.ask(callTo(agency.url, change));
    for (let n = 0; n < 5; n += 1) {
      expect(await askIt()).toEqual({ kind: 'unavailable', reason: 'broken' });
    }
    return {
      ...agency,
      agencies,
      askIt,
      recover: (next: Respond) => {
        respond = next;
      },
    };
  };

  it('is left alone', async () => {
    await using agency = await failing();
    agency.recover(answer);
    expect(await agency.askIt()).toEqual(resting);
    expect(agency.requests).toHaveLength(5);
  });

  it('does not take another agency with it, even at the same address', async () => {
    await using agency = await failing();
    agency.recover(answer);
    expect(await agency.askIt({ agency: 'agency:telecom' })).toMatchObject({ kind: 'replied' });
    expect(await agency.askIt()).toEqual(resting);
  });

  it('is asked again by one call after ten seconds, and by all when that one is answered', async () => {
    await using agency = await failing();
    vi.useFakeTimers({ toFake: ['Date'] });
    agency.recover(answer);
    vi.setSystemTime(Date.now() + restTime - 1000);
    expect(await agency.askIt()).toEqual(resting);
    vi.setSystemTime(Date.now() + 1000);
    expect(await agency.askIt()).toMatchObject({ kind: 'replied' });
    expect(await agency.askIt()).toMatchObject({ kind: 'replied' });
    expect(agency.requests).toHaveLength(7);
  });

  it('rests again when that one fails', async () => {
    await using agency = await failing();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(Date.now() + restTime);
    expect(await agency.askIt()).toEqual({ kind: 'unavailable', reason: 'broken' });
    expect(await agency.askIt()).toEqual(resting);
    expect(agency.requests).toHaveLength(6);
  });

  it('keeps nobody waiting past the own deadline for what that one comes to', async () => {
    await using agency = await failing();
    vi.useFakeTimers({ toFake: ['Date'] });
    const probed = Promise.withResolvers<ServerResponse>();
    agency.recover((request, response) => {
      request.resume();
      probed.resolve(response);
    });
    vi.setSystemTime(Date.now() + restTime);
    const probe = agency.askIt();
    const response = await probed.promise;
    expect(await agency.askIt({ timeout: 100 })).toEqual({ kind: 'timeout' });
    response.end('a.b.c~');
    expect(await probe).toMatchObject({ kind: 'replied' });
    // The one whose time had run out was not asked late.
    expect(agency.requests).toHaveLength(6);
    agency.recover(answer);
    expect(await agency.askIt()).toMatchObject({ kind: 'replied' });
    expect(agency.requests).toHaveLength(7);
  });

  it('counts answers between failures, and what is not taken as an answer', async () => {
    const turns = [broken, broken, broken, broken, answer, broken, say(302, {}, ''), broken];
    await using agency = await listen((request, response) => {
      (turns.shift() ?? answer)(request, response);
    });
    const agencies = httpAgencies();
    for (let n = 0; n < 12; n += 1) await agencies.ask(callTo(agency.url));
    expect(agency.requests).toHaveLength(12);
  });
});

describe('very many calls at once', () => {
  it('are held to 512 open and 1024 waiting; the rest are told that the agency is busy', async () => {
    const open: ServerResponse[] = [];
    const full = Promise.withResolvers<void>();
    let holding = true;
    await using agency = await listen((request, response) => {
      request.resume();
      if (!holding) {
        response.end('a.b.c~');
        return;
      }
      open.push(response);
      if (open.length === 512) full.resolve();
    });
    const agencies = httpAgencies();
    const calls = Array.from({ length: 512 + 1024 }, () => agencies.ask(callTo(agency.url)));
    const onTop = await agencies.ask(callTo(agency.url));
    expect(onTop).toEqual({ kind: 'unavailable', reason: 'busy' });
    const other = await agencies.ask(
      callTo(`http://127.0.0.1:${await freePort()}`, { agency: 'x' }),
    );
    expect(other).toMatchObject({ reason: 'unreachable' });
    await full.promise;
    expect(agency.requests).toHaveLength(512);
    holding = false;
    for (const response of open) response.end('a.b.c~');
    const replies = await Promise.all(calls);
    expect(new Set(replies.map(({ kind }) => kind))).toEqual(new Set(['replied']));
    expect(agency.requests).toHaveLength(512 + 1024);
  });
});
