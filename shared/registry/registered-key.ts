import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';
import { Digest, ParticipantId, PublicJwk } from '../message/claims.ts';
import { algorithmOf, importPublicKey, type VerificationKey } from '../message/key.ts';

/** A public key on record. Times in milliseconds since 1970; `notAfter` is exclusive. */
export const RegisteredKey = z.strictObject({
  kind: z.literal('key'),
  kid: Digest,
  jwk: PublicJwk,
  owner: ParticipantId,
  /** Who or what signs with it, for example `till-3`. */
  label: z.string().min(1).max(60),
  status: z.enum(['active', 'revoked']),
  notBefore: Instant,
  notAfter: Instant,
  version: z.int().min(1),
});
export type RegisteredKey = z.infer<typeof RegisteredKey>;

/** The record with its key imported, ready to verify with. */
export const toVerificationKey = async (key: RegisteredKey): Promise<VerificationKey> => ({
  kid: key.kid,
  alg: algorithmOf(key.jwk),
  key: await importPublicKey(key.jwk),
  jwk: key.jwk,
  owner: key.owner,
  status: key.status,
  notBefore: key.notBefore,
  notAfter: key.notAfter,
});
