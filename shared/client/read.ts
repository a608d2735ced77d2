import { Problem } from '../kernel/problem.ts';
import { type JsonValue, parseStrictJson } from '../kernel/strict-json.ts';
import { type ReceivedProblem, readProblem } from './received-problem.ts';
import { isPassing, pauseBefore, retryAfter } from './retry.ts';
import { signAccess } from './sign-access.ts';
import type { Asker } from './sign-request.ts';
import type { Reply, Transport, Wait } from './transport.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** Where the exchange is and how it is reached. */
export type Connection = {
  /** Where requests are sent, without a slash at the end. */
  readonly baseUrl: string;
  /** What the exchange calls itself: the base of every `aud` and `htu`. */
  readonly origin: string;
  readonly fetch: Transport;
  readonly wait: Wait;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds after which a connection counts as lost. */
  readonly timeout: number;
};

/** The exchange refused a read. */
export class ReadRefused extends Error {
  override readonly name = 'ReadRefused';
  readonly problem: ReceivedProblem;
  /** Milliseconds after which the exchange asks to come back, when it does. */
  readonly retryAfter: number | undefined;

  constructor(problem: ReceivedProblem, wait: number | undefined) {
    const wrong = problem.errors.map(({ pointer, detail }) => ` ${pointer} ${detail}.`);
    super(`${problem.name} (${problem.status}): ${problem.detail}${wrong.join('')}`);
    this.problem = problem;
    this.retryAfter = wait;
  }
}

/** No answer came back. */
export class NotReached extends Error {
  override readonly name = 'NotReached';

  constructor(options?: ErrorOptions) {
    super('The exchange was not reached.', options);
  }
}

export type ReadReply = { readonly reply: Reply; readonly text: string };

/** No whole answer came back. */
export type Lost = { readonly reply: undefined; readonly text: ''; readonly cause: unknown };

/** The JSON of a body; undefined when it is none. Amounts and times of the protocol are integers. */
export const jsonOf = (text: string): JsonValue | undefined => {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/** One request and its whole answer. */
export const send = async (
  { baseUrl, fetch, headers, timeout }: Connection,
  method: 'GET' | 'POST',
  target: string,
  more: { readonly headers: Readonly<Record<string, string>>; readonly body?: string },
): Promise<ReadReply | Lost> => {
  try {
    const reply = await fetch(baseUrl + target, {
      method,
      headers: { ...headers, ...more.headers },
      ...(more.body !== undefined && { body: more.body }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    return { reply, text: await reply.text() };
  } catch (cause) {
    return { reply: undefined, text: '', cause };
  }
};

/** What is read, and by whom. */
export type Reading = {
  readonly target: string;
  readonly reader: Omit<Asker, 'audience'>;
  readonly proof: 'access-token' | 'none';
  /** The media type that is asked for. */
  readonly accept: string;
  /** A question that is posted, as JSON text: one that may be asked again. */
  readonly body?: string;
};

/** 201 and 202 are what a question may be answered with that was posted (RFC 9110 §15.3). */
const isAnswered = (status: number | undefined, body: string | undefined): boolean =>
  status === 200 || (body !== undefined && (status === 201 || status === 202));

/**
 * Reads one address, with a fresh access token for each try when there is a reader. Throws
 * {@link ReadRefused}, or {@link NotReached} when the connection was lost each time.
 */
export const readText = async (
  connection: Connection,
  { target, reader, proof, accept, body }: Reading,
): Promise<string> => {
  for (let tried = 1; ; tried += 1) {
    const token =
      proof === 'none' ? undefined : await signAccess(target, connection.origin, reader, body);
    const headers = {
      accept,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const got = await send(connection, body === undefined ? 'GET' : 'POST', target, {
      headers,
      ...(body !== undefined && { body }),
    });
    if (isAnswered(got.reply?.status, body)) return got.text;
    const final = got.reply !== undefined && !isPassing(got.reply.status, undefined);
    const pause = final ? undefined : pauseBefore(tried, got.reply, reader);
    if (pause === undefined) {
      if (got.reply === undefined) throw new NotReached(got);
      const { problem } = readProblem(got.reply.status, jsonOf(got.text));
      const field = got.reply.headers.get('retry-after');
      throw new ReadRefused(problem, retryAfter(field, reader.now()));
    }
    await connection.wait(pause);
  }
};

/** Reads a JSON document, as {@link readText} does. */
export const readJson = async (
  connection: Connection,
  target: string,
  reader: Reading['reader'],
  proof: Reading['proof'],
): Promise<JsonValue> => {
  const text = await readText(connection, { target, reader, proof, accept: 'application/json' });
  const json = jsonOf(text);
  if (json === undefined) throw new UntrustedReply('shape', 'The body is not JSON.');
  return json;
};
