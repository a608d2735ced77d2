import * as z from 'zod';
import type { JsonValue } from '../kernel/strict-json.ts';
import { PublicJwk } from '../message/claims.ts';
import {
  algorithmOf,
  importPublicKey,
  type KeyDirectory,
  thumbprint,
  type VerificationKey,
} from '../message/key.ts';
import { ReadRefused } from './read.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const Instant = z.iso.datetime().transform((text) => Date.parse(text));

const KeyDocument = z.looseObject({
  jwk: PublicJwk,
  owner: z.string(),
  role: z.enum(['station', 'server', 'officer']),
  status: z.enum(['active', 'revoked']),
  notBefore: Instant,
  notAfter: Instant,
});

const readKey = async (kid: string, json: JsonValue): Promise<VerificationKey> => {
  const parsed = KeyDocument.safeParse(json);
  if (!parsed.success) throw new UntrustedReply('shape', 'This is not a registered key.');
  const { jwk, owner, role, status, notBefore, notAfter } = parsed.data;
  if ((await thumbprint(jwk)) !== kid) {
    throw new UntrustedReply('shape', 'The registered key is not the one its kid names.');
  }
  const key = await importPublicKey(jwk);
  return { kid, alg: algorithmOf(jwk), key, jwk, owner, role, status, notBefore, notAfter };
};

/**
 * The registry of keys as the exchange publishes it (`GET /v1/keys/{kid}`); asked each time, so that
 * a revocation counts at once. Whose a key is, is the exchange's word: pin keys to do without it.
 */
export const registeredKeys =
  (read: (kid: string) => Promise<JsonValue>): KeyDirectory =>
  async (kid) => {
    try {
      return await readKey(kid, await read(kid));
    } catch (error) {
      if (error instanceof ReadRefused && error.problem.status === 404) return undefined;
      throw error;
    }
  };
