import * as z from 'zod';
import type { PersonAlgorithm } from '#shared/api/person-token.ts';
import { fromBase64Url } from '#shared/kernel/bytes.ts';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import type { FetchJson } from './fetch-json.ts';
import { isProviderUrl } from './provider-url.ts';

const Member = z.string().max(2048).exactOptional();

/** Bits of a number as a key has it (RFC 7518 §6.3.1), whatever zeros it begins with. */
const bitsOf = (text: string): number => {
  const hex = Buffer.from(fromBase64Url(text) ?? []).toString('hex');
  return BigInt(`0x0${hex}`).toString(2).length;
};

/** A modulus of less than 2,048 bits is passed over (RFC 7518 §3.3): a token under it is verified by nobody. */
const Modulus = z
  .string()
  .max(2048)
  .refine((text) => bitsOf(text) >= 2048)
  .exactOptional();

/** Without the other members: a certificate is not looked at, a private part is not kept. */
const PublishedKey = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().min(1).max(256),
  alg: Member,
  crv: Member,
  n: Modulus,
  e: Member,
  x: Member,
  y: Member,
});

/** A public key as a provider publishes it (RFC 7517): only what a signature is verified with. */
export type PublishedKey = Readonly<z.infer<typeof PublishedKey>>;

/** What a key may say that it is for (RFC 7517 §4.2, §4.3). */
const Verifying = z.object({
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'))
    .optional(),
});

const KeySet = z.object({ keys: z.array(z.unknown()).max(64) });

/**
 * The keys of a set (RFC 7517 §5) that can verify a signature, by their ids; the rest is passed over.
 * Of several with one id the first counts.
 */
export const readKeySet = (json: JsonValue): ReadonlyMap<string, PublishedKey> => {
  const keys = new Map<string, PublishedKey>();
  for (const one of KeySet.parse(json).keys) {
    const key = PublishedKey.safeParse(one).data;
    if (key === undefined || keys.has(key.kid)) continue;
    if (Verifying.safeParse(one).success) keys.set(key.kid, key);
  }
  return keys;
};

type Fit = Pick<PublishedKey, 'kty' | 'crv'>;

const rsa: Fit = { kty: 'RSA' };
const ed25519: Fit = { kty: 'OKP', crv: 'Ed25519' };

/** What each algorithm is verified with (RFC 7518 §3.1, RFC 8037 §2). */
const needs: Readonly<Record<PersonAlgorithm, Fit>> = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** Whether a key is one that an algorithm is verified with. */
export const fits = ({ kty, crv, alg }: PublishedKey, wanted: PersonAlgorithm): boolean => {
  const need = needs[wanted];
  return kty === need.kty && crv === need.crv && (alg === undefined || alg === wanted);
};

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

/**
 * Where the keys of a provider are: where its own settings say (OpenID Connect Discovery 1.0 §4), which
 * must be about this very issuer.
 */
export const discoverKeys = async (fetchJson: FetchJson, issuer: string): Promise<string> => {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  const found = Discovery.parse(await fetchJson(`${base}/.well-known/openid-configuration`));
  if (found.issuer !== issuer) throw new Error('The provider names itself another issuer.');
  if (!isProviderUrl(found.jwks_uri)) throw new Error('The provider has its keys at no https URL.');
  return found.jwks_uri;
};
