/** Asks a sample agency over HTTP, as bare as can be, so that what it does on the wire is seen. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type BehaviourName, parseBehaviour } from '#infra/local/agencies/behaviour.ts';
import { type Agency, startAgency } from '#infra/local/agencies/start-agency.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';
import { makeKey, registered, type TestKey, testNow } from '../../support/messages.ts';
import { exchangeKeyOf, origin } from './sample-forward.ts';

export type Running = AsyncDisposable & { readonly agency: Agency; readonly key: TestKey };

/** An agency on a free port, which stops when the test is over. */
export const runAgency = async (
  id = 'agency:civil-registry',
  more: { readonly directory?: string } = {},
): Promise<Running> => {
  const key = await makeKey('ES256', id);
  const agency = await startAgency({
    id,
    signer: key.signer,
    exchange: { id: exchangeId, origin, keyOf: exchangeKeyOf },
    now: () => testNow,
    ...more,
  });
  return { agency, key, [Symbol.asyncDispose]: agency.close };
};

export const registeredKeyOf = ({ key }: Running) => registered(key);

export const behave = (agency: Agency, name: BehaviourName, ms?: number): Promise<void> => {
  const behaviour = parseBehaviour(ms === undefined ? name : `${name}:${ms}`);
  if (behaviour === undefined) throw new Error(`There is no behaviour ${name}.`);
  return agency.behave(behaviour);
};

/** Sends a forward and resolves to the head of the answer; its body is still to be read. */
export const post = async (
  { url }: Pick<Agency, 'url'>,
  body: string,
  options: { readonly mediaType?: string; readonly path?: string; readonly method?: string } = {},
): Promise<IncomingMessage> => {
  const { mediaType = 'application/jwt', path = '/inquiries', method = 'POST' } = options;
  const asked = request(url + path, {
    method,
    headers: { 'content-type': mediaType },
    agent: false,
  });
  asked.end(method === 'GET' ? undefined : body);
  const answered: unknown[] = await once(asked, 'response');
  const [response] = answered;
  if (!isResponse(response)) throw new TypeError('This is no answer.');
  return response;
};

const isResponse = (value: unknown): value is IncomingMessage =>
  typeof value === 'object' && value !== null && 'statusCode' in value;

export const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    if (chunk instanceof Buffer) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
};
