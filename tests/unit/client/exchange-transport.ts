/** The exchange over memory twins behind a transport, and ways to disturb what travels. */
import { randomBytes } from 'node:crypto';
import { problemDocument } from '#shared/api/problem-document.ts';
import { type ExchangeClient, exchangeClient } from '#shared/client/exchange-client.ts';
import type { Question } from '#shared/client/sign-request.ts';
import type { Call, Reply, Transport } from '#shared/client/transport.ts';
import { findInquiry } from '#shared/inquiry/find.ts';
import { proveInquiry } from '#shared/inquiry/prove-inquiry.ts';
import { requirements } from '#shared/inquiry/requirements.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { listCatalogue, readCatalogue } from '#shared/registry/catalogue.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import { aboutAllIn } from '#shared/registry/read-registry.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '../../support/exchange.ts';
import { type TestKey, testNow } from '../../support/messages.ts';

export type Sent = { readonly url: string; readonly call: Call };

/** Does something instead of, or with, the honest answer to one call. */
export type Disturb = (
  sent: Sent,
  honest: () => Promise<Reply>,
  /** Which call of its method it is, from 1. */
  nth: number,
) => Promise<Reply>;

export const replyOf = (
  status: number,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): Reply => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    text: () => Promise.resolve(text),
    arrayBuffer: () => Promise.resolve(Uint8Array.from(Buffer.from(text)).buffer),
  };
};

const origin = 'https://exchange.example';

const told = (problem: Problem): Reply => {
  const { status } = problem;
  const context = { language: 'en', requestId: 'r', now: 0, status } as const;
  const { retryAfter } = problem.extras;
  return replyOf(
    status,
    problemDocument(problem, context),
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
};

const submit = async ({ submit: ask }: TestExchange, body: string): Promise<Reply> => {
  const { receipt, answer, problem } = await ask(body);
  if (problem !== undefined) return told(problem);
  const timing = { 'server-timing': 'verify;dur=0.31, agency;dur=12.5' };
  return replyOf(200, { receipt, ...(answer !== undefined && { answer }) }, timing);
};

const read = async (
  { exchange, keys, registry }: TestExchange,
  path: string,
  reader: string,
): Promise<Reply> => {
  const [, first, second, third = '', fourth = ''] = path.split('?', 1).join('').split('/');
  const { kid, jwk } = keys.exchange;
  const aboutAll = aboutAllIn(registry.store, undefined);
  switch (`${first}/${second}`) {
    case '.well-known/estelam':
      return replyOf(200, await requirements(exchange));
    case '.well-known/jwks.json':
      return replyOf(200, {
        keys: [
          { kty: 'RSA', n: 'x' },
          { ...jwk, kid, use: 'sig' },
        ],
      });
    case 'v1/keys':
      return replyOf(200, await readPublicKey(exchange.directory, third));
    case 'v1/services':
      return third === ''
        ? replyOf(200, await listCatalogue(exchange.directory))
        : replyOf(200, await readCatalogue(exchange.directory, `${third}/${fourth}`, aboutAll));
    case 'v1/inquiries':
      if (fourth === 'proof') {
        const proof = await proveInquiry(exchange)(third, reader);
        return replyOf(200, Buffer.from(proof).toString('utf8'));
      }
      return replyOf(200, await findInquiry(exchange)(third, reader));
    default:
      return replyOf(404, { message: 'Not Found' });
  }
};

export type Wired = {
  readonly client: ExchangeClient;
  readonly test: TestExchange;
  /** Everything that was sent, in order. */
  readonly sent: readonly Sent[];
  /** The pauses that the client made, in milliseconds; the clock went on by each. */
  readonly pauses: readonly number[];
  /** A client of somebody else at the same exchange. */
  readonly clientOf: (key: TestKey) => ExchangeClient;
  /** Puts another disturbance in the place of the first. */
  readonly disturbLater: (disturb: Disturb) => void;
};

const year = 365 * 86_400_000;

const undisturbed: Disturb = (_sent, honest) => honest();

/** A counter's client of a whole exchange, which knows more `entries`; `disturb` stands between the two. */
export const wire = async (
  disturb: Disturb = undisturbed,
  entries: readonly RegistryEntry[] = [],
): Promise<Wired> => {
  const keys = await testKeys();
  const registry = [...sampleEntries(keys), ...entries].map((entry) =>
    entry.kind === 'key' ? { ...entry, notAfter: testNow + year } : entry,
  );
  const test = await makeExchange({ registry });
  const sent: Sent[] = [];
  let disturbing = disturb;
  const pauses: number[] = [];
  const fetchFor =
    (reader: string): Transport =>
    async (url, call) => {
      sent.push({ url, call });
      const path = url.slice('http://127.0.0.1:1'.length);
      const honest = async (): Promise<Reply> => {
        try {
          return await (call.method === 'POST'
            ? submit(test, call.body ?? '')
            : read(test, path, reader));
        } catch (error) {
          if (error instanceof Problem) return told(error);
          throw error;
        }
      };
      const nth = sent.filter((one) => one.call.method === call.method).length;
      return disturbing({ url, call }, honest, nth);
    };
  const clientOf = ({ owner, signer }: TestKey): ExchangeClient =>
    exchangeClient({
      baseUrl: 'http://127.0.0.1:1',
      origin,
      participant: owner,
      signer,
      fetch: fetchFor(owner),
      wait: (milliseconds) => {
        pauses.push(milliseconds);
        test.clock.advance(milliseconds);
        return Promise.resolve();
      },
      now: test.clock.now,
      random: (length) => randomBytes(length),
      headers: { host: 'exchange.example' },
    });
  return {
    client: clientOf(test.keys.counter),
    clientOf,
    test,
    sent,
    pauses,
    disturbLater: (next) => {
      disturbing = next;
    },
  };
};

export const question: Question = {
  service: 'civil-registry/identity@1',
  purpose: 'pension-enrolment',
  basis: 'civil-code-1.12',
  station: 'till-3',
  presence: 'in-person',
  seq: 1,
  subject: { type: 'ir-national-id', value: '0499370899' },
  params: { birthDate: '1985-03-21' },
  case: '1405/1842',
  operator: 'operator-7',
};
