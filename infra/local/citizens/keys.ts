import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isJsonArray, isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { readOrMake } from '../write-once.ts';

/** What the provider of this machine signs with. */
export type CitizenKeys = {
  /** Private keys, as it wants them (RFC 7517). */
  readonly jwks: { readonly keys: readonly object[] };
  /** Seals its cookies. */
  readonly cookieKeys: readonly string[];
};

const makeKeys = (): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(12).toString('base64url');
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  return `${JSON.stringify({ keys: [jwk], cookie: randomBytes(32).toString('base64url') })}\n`;
};

/** The keys in a file, made there at the first start. */
export const citizenKeys = async (path: string): Promise<CitizenKeys> => {
  const json = parseStrictJson(Buffer.from(await readOrMake(path, makeKeys)));
  const { keys, cookie } = isJsonObject(json) ? json : {};
  if (!isJsonArray(keys) || typeof cookie !== 'string') {
    throw new Error(`${path} holds no keys: move it away and new ones are made.`);
  }
  return { jwks: { keys: keys.filter(isJsonObject) }, cookieKeys: [cookie] };
};
