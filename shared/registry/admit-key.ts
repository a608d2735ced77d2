import { fromBase64Url, sha256Url } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { isP256Point, judgeEd25519 } from '../kernel/curve-point.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';
import type { PublicJwk } from '../message/claims.ts';
import { algorithmOf, importPublicKey, type VerificationKey } from '../message/key.ts';

/** A public key that may be registered; who owns it and how long it holds is for the command to say. */
export type AdmittedKey = Pick<VerificationKey, 'kid' | 'alg' | 'jwk' | 'key'>;

type AdmittedJwk = Pick<VerificationKey, 'kid' | 'jwk'>;

/** Members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Hints that RFC 7517 §4 lets a key carry; they are checked and not kept. */
const hints = ['alg', 'use', 'key_ops', 'kid'] as const;

const refusal = (pointer: string, detail: string): Problem =>
  new Problem('invalid-claims', 'This is not a public key that can be registered.', {
    errors: [{ pointer, detail }],
  });

const checkNoSecrets = (key: JsonObject): void => {
  const secret = secretMembers.find((name) => Object.hasOwn(key, name));
  if (secret !== undefined) {
    throw refusal(`/${secret}`, 'must not be sent; this key is private and is now compromised');
  }
};

const checkMembers = (key: JsonObject, coordinates: readonly string[]): void => {
  const known = new Set<string>(['kty', 'crv', ...coordinates, ...hints]);
  if (Object.keys(key).some((name) => !known.has(name))) {
    throw refusal('', `must hold nothing but ${[...known].join(', ')}`);
  }
};

const coordinate = (key: JsonObject, name: 'x' | 'y'): readonly [string, Uint8Array] => {
  const text = key[name];
  const bytes = typeof text === 'string' ? fromBase64Url(text) : undefined;
  if (typeof text !== 'string' || bytes?.length !== 32) {
    throw refusal(`/${name}`, 'must be 32 bytes as 43 characters of canonical base64url');
  }
  return [text, bytes];
};

const readP256 = (key: JsonObject): PublicJwk => {
  if (key['crv'] !== 'P-256') throw refusal('/crv', 'must be P-256');
  checkMembers(key, ['x', 'y']);
  const [x, xBytes] = coordinate(key, 'x');
  const [y, yBytes] = coordinate(key, 'y');
  if (!isP256Point(xBytes, yBytes)) throw refusal('/x', 'must be, with y, a point of P-256');
  return { kty: 'EC', crv: 'P-256', x, y };
};

const readEd25519 = (key: JsonObject): PublicJwk => {
  if (key['crv'] !== 'Ed25519') throw refusal('/crv', 'must be Ed25519');
  checkMembers(key, ['x']);
  const [x, bytes] = coordinate(key, 'x');
  const judgement = judgeEd25519(bytes);
  switch (judgement) {
    case 'sound':
      return { kty: 'OKP', crv: 'Ed25519', x };
    case 'non-canonical':
      throw refusal('/x', 'must be the canonical encoding of a point (RFC 8032 section 5.1.3)');
    case 'off-curve':
      throw refusal('/x', 'must be a point of Ed25519');
    case 'low-order':
      throw refusal('/x', 'must not be a point of low order');
  }
};

const readPublicJwk = (key: JsonObject): PublicJwk => {
  if (key['kty'] === 'EC') return readP256(key);
  if (key['kty'] === 'OKP') return readEd25519(key);
  throw refusal('/kty', 'must be EC (with P-256) or OKP (with Ed25519)');
};

/**
 * `key_ops` of a public signature key can only be `["verify"]`: it cannot sign, RFC 7517 §4.3 forbids
 * repetition, and every other operation contradicts `use: sig`.
 *
 * `alg` is the name that the messages will carry. `EdDSA` is refused although it does not contradict
 * the curve: RFC 9864 deprecates it, and a key marked for it would never match a message here.
 */
const checkHints = (key: JsonObject, jwk: PublicJwk, kid: string): void => {
  const { alg, use, key_ops: operations, kid: named } = key;
  if (alg !== undefined && alg !== algorithmOf(jwk)) {
    throw refusal('/alg', `must be ${algorithmOf(jwk)} for this curve, or absent`);
  }
  if (use !== undefined && use !== 'sig') throw refusal('/use', 'must be sig, or absent');
  const verifiesOnly =
    Array.isArray(operations) && operations.length === 1 && operations[0] === 'verify';
  if (operations !== undefined && !verifiesOnly) {
    throw refusal('/key_ops', 'must be exactly ["verify"], or absent');
  }
  if (named !== undefined && named !== kid) {
    throw refusal('/kid', 'must be the RFC 7638 thumbprint of the key, or absent');
  }
};

const admit = (json: JsonValue): AdmittedJwk => {
  if (!isJsonObject(json)) throw refusal('', 'must be one JWK, a JSON object (RFC 7517 section 4)');
  if (Object.hasOwn(json, 'keys')) throw refusal('/keys', 'must be one JWK, not a set of them');
  checkNoSecrets(json);
  const jwk = readPublicJwk(json);
  // RFC 7638 §3: the required members alone, in the order of their names, without white space.
  const kid = sha256Url(canonicalJson(jwk));
  checkHints(json, jwk, kid);
  return { kid, jwk };
};

/** The same refusal, its pointers below `at`. */
const moved = ({ name, detail, extras: { errors = [] } }: Problem, at: string): Problem =>
  new Problem(name, detail, {
    errors: errors.map((error) => ({ ...error, pointer: `${at}${error.pointer}` })),
  });

/** As {@link admitKey}, without the import: which key it is. */
export const admitJwk = (json: JsonValue, at = ''): AdmittedJwk => {
  try {
    return admit(json);
  } catch (error) {
    throw error instanceof Problem ? moved(error, at) : error;
  }
};

/**
 * Admits one public JWK to registration (protocol.md §8): P-256 or Ed25519, nothing secret, a sound
 * point in its only spelling, no hint that contradicts. Everything else is the problem
 * `invalid-claims` with pointers below `at`; no part of the input is in it. Whether the `kid` is
 * taken already, and whether the sender holds the private key, is for the caller to check.
 */
export const admitKey = async (json: JsonValue, at = ''): Promise<AdmittedKey> => {
  const { kid, jwk } = admitJwk(json, at);
  return { kid, alg: algorithmOf(jwk), jwk, key: await importPublicKey(jwk) };
};
