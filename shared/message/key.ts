import { type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose';
import type { Clock } from '../kernel/clock.ts';
import type { Algorithm } from './algorithm.ts';
import type { PublicJwk } from './claims.ts';

/** A registered public key, ready to verify with. Times in milliseconds since 1970. */
export type VerificationKey = {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
  readonly jwk: PublicJwk;
  /** The participant that the registry pins the key to. */
  readonly owner: string;
  /** What it may sign: a station or a server messages, an officer commands as well. */
  readonly role: 'station' | 'server' | 'officer';
  readonly status: 'active' | 'revoked';
  readonly notBefore: number;
  readonly notAfter: number;
};

/** Finds a registered key by its thumbprint; undefined when nobody registered it. */
export type KeyDirectory = (kid: string) => Promise<VerificationKey | undefined>;

/** The key that this process signs with. */
export type Signer = {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: CryptoKey;
  readonly jwk: PublicJwk;
};

export const algorithmOf = (jwk: PublicJwk): Algorithm => (jwk.kty === 'EC' ? 'ES256' : 'Ed25519');

export const isActive = (
  key: Pick<VerificationKey, 'status' | 'notBefore' | 'notAfter'>,
  now: ReturnType<Clock>,
): boolean => key.status === 'active' && key.notBefore <= now && now < key.notAfter;

/** The RFC 7638 SHA-256 thumbprint, which is the `kid` everywhere. */
export const thumbprint = (jwk: PublicJwk): Promise<string> =>
  calculateJwkThumbprint(jwk, 'sha256');

/** Imports a public key; an import costs as much as a verification, so keep the result. */
export const importPublicKey = async (jwk: PublicJwk): Promise<CryptoKey> => {
  const key = await importJWK(jwk, algorithmOf(jwk));
  if (key instanceof Uint8Array) throw new TypeError('A public key cannot be symmetric.');
  return key;
};
