import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** How an answer is sent. `text` signs it, so that what is never sent takes no number. */
export type Sending = {
  readonly response: ServerResponse;
  readonly text: () => Promise<string>;
  /** Milliseconds of the behaviour. */
  readonly ms: number;
  /** Aborted when the agency stops or the asker goes away. */
  readonly signal: AbortSignal;
};

export type Fault = (sending: Sending) => Promise<void>;

const answerType = { 'content-type': 'application/sd-jwt', 'cache-control': 'no-store' } as const;

const headersFor = (text: string) => ({
  ...answerType,
  'content-length': Buffer.byteLength(text),
});

/** As it should be. */
export const sendAnswer: Fault = async ({ response, text }) => {
  const body = await text();
  response.writeHead(200, headersFor(body)).end(body);
};

const status =
  (code: number): Fault =>
  ({ response }) => {
    response.writeHead(code).end();
    return Promise.resolve();
  };

const drip: Fault = async ({ response, text, ms, signal }) => {
  const body = await text();
  response.writeHead(200, headersFor(body));
  for (const character of body) {
    response.write(character);
    await pause(ms, undefined, { signal });
  }
  response.end();
};

const hugeSize = 50_000_000;
const block = 'A'.repeat(64 * 1024);

const blocks = function* (): Generator<string, void, undefined> {
  for (let sent = 0; sent < hugeSize; sent += block.length) yield block;
};

/** A metadata service, where many clouds keep credentials: no asker may follow. */
const redirect: Fault = ({ response }) => {
  response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  return Promise.resolve();
};

/** What an agency's network can do to an answer. */
export const faults = {
  slow: async (sending) => {
    await pause(sending.ms, undefined, { signal: sending.signal });
    await sendAnswer(sending);
  },
  unavailable: status(503),
  hang: () => Promise.resolve(),
  drip,
  huge: async ({ response }) => {
    response.writeHead(200, answerType);
    await pipeline(Readable.from(blocks()), response);
  },
  redirect,
  'http-500': status(500),
  'http-404': status(404),
  'http-204': status(204),
  'wrong-media-type': async ({ response, text }) => {
    const body = await text();
    response.writeHead(200, { ...headersFor(body), 'content-type': 'text/html' }).end(body);
  },
  truncated: async ({ response, text }) => {
    const body = await text();
    const half = body.slice(0, body.length / 2);
    response.writeHead(200, headersFor(half)).end(half);
  },
  disconnect: async ({ response, text }) => {
    const body = await text();
    response.writeHead(200, headersFor(body));
    response.write(body.slice(0, body.length / 2), () => response.destroy());
  },
} as const satisfies Readonly<Record<string, Fault>>;
