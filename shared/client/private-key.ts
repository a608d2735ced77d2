import { importJWK } from 'jose';
import * as z from 'zod';
import type { JsonValue } from '../kernel/strict-json.ts';
import { Digest, PublicJwk } from '../message/claims.ts';
import { algorithmOf, type Signer, thumbprint } from '../message/key.ts';
import { parseClaims } from '../message/parse-claims.ts';

/** A private key as its owner keeps it: 32 bytes `d`, and its thumbprint as `kid`. */
export const PrivateJwk = z.union([
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: Digest,
    y: Digest,
    d: Digest,
    kid: Digest.optional(),
  }),
  z.strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: Digest,
    d: Digest,
    kid: Digest.optional(),
  }),
]);
export type PrivateJwk = z.infer<typeof PrivateJwk>;

/**
 * A private JWK, ready to sign with. Throws the problem `invalid-claims`, which holds nothing of the
 * key, when it is not one of the two kinds or its `kid` is not its thumbprint.
 */
export const signerOf = async (json: JsonValue): Promise<Signer> => {
  const { d, kid: named, ...open } = parseClaims(PrivateJwk, json);
  const jwk = PublicJwk.parse(open);
  const alg = algorithmOf(jwk);
  const kid = await thumbprint(jwk);
  parseClaims(
    z.object({ kid: z.literal(kid).optional() }),
    named === undefined ? {} : { kid: named },
  );
  const key = await importJWK({ ...jwk, d }, alg);
  if (key instanceof Uint8Array) throw new TypeError('A private key cannot be symmetric.');
  return { kid, alg, key, jwk };
};
