import * as z from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { JsonValue } from '../kernel/strict-json.ts';
import { Digest, PublicJwk } from '../message/claims.ts';
import {
  algorithmOf,
  importPublicKey,
  type KeyDirectory,
  thumbprint,
  type VerificationKey,
} from '../message/key.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** A JWK as others publish it: members beyond the key itself are hints and are dropped (RFC 7517). */
const PublishedJwk = z.union([
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: Digest,
    y: Digest,
    kid: z.string().optional(),
  }),
  z.object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: Digest,
    kid: z.string().optional(),
  }),
]);

const JwkSet = z.object({ keys: z.array(z.json()) });

const readKey = async (json: JsonValue, owner: string): Promise<readonly VerificationKey[]> => {
  const parsed = PublishedJwk.safeParse(json);
  // Keys of kinds that this protocol does not use may stand in the set.
  if (!parsed.success) return [];
  const { kid: named, ...open } = parsed.data;
  const jwk = PublicJwk.parse(open);
  const kid = await thumbprint(jwk);
  if (named !== undefined && named !== kid) {
    throw new UntrustedReply('shape', 'A published key is not the one its kid names.');
  }
  const key = await importPublicKey(jwk);
  const always = {
    role: 'server',
    status: 'active',
    notBefore: 0,
    notAfter: Number.MAX_SAFE_INTEGER,
  } as const;
  return [{ kid, alg: algorithmOf(jwk), jwk, key, owner, ...always }];
};

/** The keys of a JWK Set (RFC 7517 §5), pinned to the participant that published them. */
export const readKeySet = async (
  json: unknown,
  owner: string,
): Promise<readonly VerificationKey[]> => {
  const set = JwkSet.safeParse(json);
  if (!set.success) throw new UntrustedReply('shape', 'The published keys are not a JWK Set.');
  const read = await Promise.all(set.data.keys.map((key) => readKey(key, owner)));
  return read.flat();
};

/** Milliseconds from one load for a `kid` that is not known to the next: anybody can name one. */
export const loadRest = 10_000;

/**
 * A directory of keys that are loaded when they are first needed, and again for an unknown `kid`: a key
 * is published before it signs, so that no restart is needed when it does. Loads once for all who wait,
 * and not again within {@link loadRest}; a load that fails rejects and may be tried again at once.
 */
export const loadedDirectory = (
  load: () => Promise<readonly VerificationKey[]>,
  now: Clock,
): KeyDirectory => {
  const known = new Map<string, VerificationKey>();
  let loading: Promise<void> | undefined;
  let loadedAt = Number.NEGATIVE_INFINITY;
  const loadAll = async (): Promise<void> => {
    try {
      for (const key of await load()) known.set(key.kid, key);
      loadedAt = now();
    } finally {
      loading = undefined;
    }
  };
  return async (kid) => {
    if (known.has(kid)) return known.get(kid);
    if (loading === undefined && Math.abs(now() - loadedAt) < loadRest) return undefined;
    loading ??= loadAll();
    await loading;
    return known.get(kid);
  };
};
