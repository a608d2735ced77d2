import * as z from 'zod';
import type { Reply, Transport } from '#shared/client/transport.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';

type Headers = Readonly<Record<string, string>>;

/** One answer of the exchange, whole. */
export type Heard = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** Empty when the body is no JSON object. */
  readonly json: JsonObject;
  /** A text in that object; empty when there is none of that name. */
  readonly said: (name: string) => string;
};

type Sent = { readonly headers?: Headers; readonly body?: string | Uint8Array };

/** A receipt, with the answer that came beside it. */
const Release = z.looseObject({ receipt: z.string(), answer: z.string().optional() });
export type Release = z.infer<typeof Release>;

type Sending = {
  /** A message to `POST /v1/inquiries`, with its media type unless another is given. */
  readonly post: (body: string | Uint8Array, headers?: Headers) => Promise<Heard>;
  readonly send: (method: string, target: string, sent?: Sent) => Promise<Heard>;
};

export type Wire = Sending & {
  /** The same to another process of the exchange. */
  readonly to: (url: string) => Sending;
  /** For a client: what it sends and hears is kept like everything else. */
  readonly transport: Transport;
  /** All that the exchange signed for, in the order in which it came. */
  readonly releases: () => readonly Release[];
  /** All URLs that were asked, headers that came back, and bodies but those that hold an answer. */
  readonly overheard: () => readonly string[];
};

const objectOf = (text: string): JsonObject => {
  try {
    const json = parseStrictJson(text);
    return isJsonObject(json) ? json : {};
  } catch (error) {
    if (error instanceof Problem) return {};
    throw error;
  }
};

/** HTTP to the exchange, where everything that is heard and may not tell of a person is kept. */
export const startWire = (url: () => string): Wire => {
  const overheard: string[] = [];
  const releases: Release[] = [];

  const keep = (method: string, address: string, reply: Response, text: string): void => {
    const headers = [...reply.headers].map(([name, value]) => `${name}: ${value}`);
    const answered = method === 'POST' && reply.status === 200;
    const release = Release.safeParse(objectOf(text)).data;
    if (release !== undefined) releases.push(release);
    overheard.push([`${method} ${address}`, ...headers, answered ? '' : text].join('\n'));
  };

  const send = async (
    method: string,
    address: string,
    { headers = {}, body }: Sent = {},
  ): Promise<Heard> => {
    const reply = await fetch(address, {
      method,
      headers,
      redirect: 'error',
      ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    const text = await reply.text();
    keep(method, address, reply, text);
    const json = objectOf(text);
    return {
      status: reply.status,
      header: (name) => reply.headers.get(name) ?? undefined,
      text,
      json,
      said: (name) => {
        const value = json[name];
        return typeof value === 'string' ? value : '';
      },
    };
  };

  const transport: Transport = async (address, call): Promise<Reply> => {
    const reply = await fetch(address, call);
    const bytes = await reply.arrayBuffer();
    const text = Buffer.from(bytes).toString('utf8');
    keep(call.method, address, reply, text);
    const { status, headers } = reply;
    return { status, headers, text: async () => text, arrayBuffer: async () => bytes };
  };

  const sending = (base: () => string): Sending => ({
    send: (method, target, sent) => send(method, base() + target, sent),
    post: (body, headers = {}) =>
      send('POST', `${base()}/v1/inquiries`, {
        body,
        headers: { 'content-type': 'application/sd-jwt', ...headers },
      }),
  });

  return {
    ...sending(url),
    to: (other) => sending(() => other),
    transport,
    releases: () => releases,
    overheard: () => overheard,
  };
};
