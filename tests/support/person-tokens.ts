/** Tokens of a provider that knows persons, honest by default; each layer can be bent on its own. */
import { createSign, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import type { PersonRules } from '#shared/api/authorize-person.ts';
import { toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { testNow } from './messages.ts';

export const testIssuer = 'https://id.example';
export const testOrigin = 'https://exchange.example';

/** Published as valid and nobody's (domain.md). */
export const testPersonId = '0499370899';

export const testRules: PersonRules = {
  issuer: testIssuer,
  audience: testOrigin,
  algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
  claim: 'national_id',
  type: 'ir-national-id',
};

/** A key pair of a provider. */
export type PersonKey = {
  readonly kid: string;
  readonly alg: 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
};

const pairFor = (alg: PersonKey['alg']) => {
  switch (alg) {
    case 'RS256':
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
  }
};

export const makePersonKey = (alg: PersonKey['alg'] = 'ES256', kid = 'key-1'): PersonKey => ({
  kid,
  alg,
  ...pairFor(alg),
});

/** A key as its provider publishes it. */
export const publicJwkOf = ({ kid, alg, publicKey }: PersonKey): JsonObject => ({
  ...Object.fromEntries(
    Object.entries(publicKey.export({ format: 'jwk' })).map(([name, value]) => [
      name,
      String(value),
    ]),
  ),
  kid,
  alg,
  use: 'sig',
});

const signed = ({ alg, privateKey }: PersonKey, input: string): Uint8Array => {
  switch (alg) {
    case 'RS256':
      return createSign('sha256').update(input).sign(privateKey);
    case 'PS256':
      return createSign('sha256')
        .update(input)
        .sign({ key: privateKey, padding: 6, saltLength: 32 });
    case 'ES256':
      return createSign('sha256')
        .update(input)
        .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
      return signBytes(null, utf8(input), privateKey);
  }
};

export type PersonTokenParts = {
  readonly key: PersonKey;
  readonly now?: number;
  /** Replace or add members; `undefined` takes one away. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The JSON text of the claims, whatever it is. */
  readonly payload?: string;
  readonly signature?: (input: string) => Uint8Array;
};

const encoded = (json: unknown): string => toBase64Url(utf8(JSON.stringify(json)));

/** An access token (RFC 9068) that {@link testRules} take, unless it is bent. */
export const buildPersonToken = ({
  key,
  now = testNow,
  header,
  claims,
  payload,
  signature,
}: PersonTokenParts): string => {
  const iat = Math.floor(now / 1000);
  const body = {
    iss: testIssuer,
    aud: testOrigin,
    sub: 'pairwise-1',
    iat,
    exp: iat + 600,
    national_id: testPersonId,
    ...claims,
  };
  const first = encoded({ typ: 'at+jwt', alg: key.alg, kid: key.kid, ...header });
  const second = payload === undefined ? encoded(body) : toBase64Url(utf8(payload));
  const input = `${first}.${second}`;
  return `${input}.${toBase64Url(signature?.(input) ?? signed(key, input))}`;
};
