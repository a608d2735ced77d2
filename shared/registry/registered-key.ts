import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';
import { Digest, ParticipantId, PublicJwk } from '../message/claims.ts';
import { algorithmOf, importPublicKey, type VerificationKey } from '../message/key.ts';
import { holdsLongNumber, plainText } from './plain-text.ts';
import { stamp } from './stamp.ts';

export const KeyRole = z.enum(['station', 'server', 'officer']);
export type KeyRole = z.infer<typeof KeyRole>;

/** A label as a command gives it: nobody's number may stand in it. */
export const NewLabel = plainText(60).refine((text) => !holdsLongNumber(text));

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
  /** What it may sign: a station or a server messages, an officer commands as well. */
  role: KeyRole.optional(),
  /** Why it was revoked, and from when on it does not count. */
  revoked: z.strictObject({ reason: z.string(), from: Instant }).optional(),
  ...stamp,
});
export type RegisteredKey = z.infer<typeof RegisteredKey>;

/** The record with its key imported, ready to verify with. */
export const toVerificationKey = async (key: RegisteredKey): Promise<VerificationKey> => ({
  kid: key.kid,
  alg: algorithmOf(key.jwk),
  key: await importPublicKey(key.jwk),
  jwk: key.jwk,
  owner: key.owner,
  // A key from before there were roles may sign whatever its owner may.
  role: key.role ?? 'officer',
  status: key.status,
  notBefore: key.notBefore,
  notAfter: key.notAfter,
});
