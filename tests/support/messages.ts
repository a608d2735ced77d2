/**
 * Messages for tests, honest by default. Every layer can be bent on its own while the layers around
 * it stay right, so that a hostile token carries a VALID signature over bad content.
 *
 * Layers in the order in which they are applied, each with its override:
 *
 * | override      | gets                                        | before or after the signature     |
 * |---------------|---------------------------------------------|-----------------------------------|
 * | `facts`       | – (name → value; replaces the defaults)     | before                            |
 * | `disclosures` | the disclosures (base64url), unsorted       | before: the digests are of these  |
 * | `digests`     | the sorted digests                          | before                            |
 * | `claims`      | the claims as JSON, `_sd` in them           | before                            |
 * | `payload`     | the payload as JSON text                    | before; may give back raw bytes   |
 * | `header`      | the header as JSON                          | before                            |
 * | `headerText`  | the header as JSON text                     | before; may give back raw bytes   |
 * | `segments`    | `[header, payload]` in base64url            | before: these are what is signed  |
 * | `signature`   | the 64 bytes and the signing input          | it is the signature               |
 * | `jws`         | the compact JWS                             | after                             |
 * | `sent`        | the disclosures that travel                 | after: the digests stay           |
 * | `token`       | the whole text                              | after                             |
 */
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { v7 } from 'uuid';
import { sha256Url, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '#shared/kernel/strict-json.ts';
import type { Algorithm } from '#shared/message/algorithm.ts';
import { PublicJwk } from '#shared/message/claims.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import {
  importPublicKey,
  type KeyDirectory,
  type Signer,
  thumbprint,
  type VerificationKey,
} from '#shared/message/key.ts';
import { kinds, type MessageKind } from '#shared/message/kind.ts';

/** The instant at which tests take place, in milliseconds: 2027-01-15T08:00:00Z. */
export const testNow = 1_800_000_000_000;

export const testAudience = 'https://exchange.example/v1/inquiries';

/** A clock that stands still. */
export const clockAt =
  (milliseconds: number): Clock =>
  () =>
    milliseconds;

/** A key pair with the participant that owns it. */
export type TestKey = {
  readonly owner: string;
  readonly signer: Signer;
  readonly jwk: PublicJwk;
  readonly privateJwk: JWK;
  readonly kid: string;
  readonly alg: Algorithm;
};

export const makeKey = async (
  alg: Algorithm = 'ES256',
  owner = 'counter:72110345',
): Promise<TestKey> => {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = PublicJwk.parse(await exportJWK(pair.publicKey));
  const kid = await thumbprint(jwk);
  return {
    owner,
    signer: { kid, alg, key: pair.privateKey, jwk },
    jwk,
    privateJwk: await exportJWK(pair.privateKey),
    kid,
    alg,
  };
};

/** How a key stands in the registry: active for all time unless said otherwise. */
export type Standing = Partial<
  Pick<VerificationKey, 'owner' | 'role' | 'status' | 'notBefore' | 'notAfter'>
>;

export const registered = async (
  { kid, alg, jwk, owner }: TestKey,
  standing: Standing = {},
): Promise<VerificationKey> => ({
  kid,
  alg,
  jwk,
  owner,
  key: await importPublicKey(jwk),
  role: 'officer',
  status: 'active',
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
  ...standing,
});

/** A directory that knows these keys and no other. */
export const directoryOf = (keys: readonly VerificationKey[]): KeyDirectory => {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  return (kid) => Promise.resolve(byKid.get(kid));
};

type Awaitable<T> = T | Promise<T>;

export type Overrides = {
  readonly facts?: JsonObject;
  readonly disclosures?: (texts: readonly string[]) => readonly string[];
  readonly digests?: (digests: readonly string[]) => readonly string[];
  readonly claims?: (claims: JsonObject) => JsonValue;
  readonly payload?: (json: string) => string | Uint8Array;
  readonly header?: (header: JsonObject) => JsonValue;
  readonly headerText?: (json: string) => string | Uint8Array;
  readonly segments?: (segments: readonly [string, string]) => readonly [string, string];
  readonly signature?: (signature: Uint8Array, signingInput: string) => Awaitable<Uint8Array>;
  readonly jws?: (jws: string) => string;
  readonly sent?: (texts: readonly string[]) => readonly string[];
  readonly token?: (text: string) => string;
};

/** A raw signature over a text, as the key's algorithm makes it (RFC 7518 §3.4, RFC 8037 §3.1). */
export const rawSign = async ({ signer }: TestKey, text: string): Promise<Uint8Array> => {
  const scheme = signer.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  return new Uint8Array(await crypto.subtle.sign(scheme, signer.key, Buffer.from(text)));
};

const same = <Value>(value: Value): Value => value;

const encode = (content: string | Uint8Array): string =>
  toBase64Url(typeof content === 'string' ? utf8(content) : content);

/** Base64url of a disclosure's JSON text, whatever that text is. */
export const disclosureOf = (json: JsonValue | Uint8Array): string =>
  json instanceof Uint8Array ? toBase64Url(json) : encode(JSON.stringify(json));

/** Base64url of a JSON text that is written as it stands. */
export const rawDisclosure = (json: string): string => encode(json);

export const newSalt = (): Uint8Array => crypto.getRandomValues(new Uint8Array(16));

/** A salt as it stands in a disclosure: 22 characters. */
export const saltText = (): string => toBase64Url(newSalt());

export const newJti = (): string => toBase64Url(newSalt());

/** A UUIDv7 whose embedded time is the given one. */
export const inquiryIdAt = (milliseconds: number): string => v7({ msecs: milliseconds });

export type MessageParts = Overrides & {
  readonly key: TestKey;
  readonly kind: MessageKind;
  /** The claims before any override; `_sd` is added when there are facts. */
  readonly base: JsonObject;
};

/** Signs `base` and `facts` as a message of its kind, bent by the overrides. */
export const buildMessage = async (parts: MessageParts): Promise<string> => {
  const { key, kind, base, facts = {} } = parts;
  const made = Object.entries(facts).map(
    ([name, value]) => makeDisclosure(newSalt(), name, value).text,
  );
  const disclosed = (parts.disclosures ?? same)(made);
  const digests = (parts.digests ?? same)(disclosed.map((text) => sha256Url(text)).toSorted());
  const plain = kind.form === 'jwt' ? base : { ...base, _sd: digests };
  const payload = (parts.payload ?? same)(JSON.stringify((parts.claims ?? same)(plain)));
  const header = (parts.header ?? same)({ alg: key.alg, kid: key.kid, typ: kind.typ });
  const headerText = (parts.headerText ?? same)(JSON.stringify(header));
  const segments = (parts.segments ?? same)([encode(headerText), encode(payload)]);
  const signingInput = segments.join('.');
  const signed = await rawSign(key, signingInput);
  const signature = await (parts.signature ?? same)(signed, signingInput);
  const jws = (parts.jws ?? same)(`${signingInput}.${toBase64Url(signature)}`);
  const sent = (parts.sent ?? same)(disclosed);
  const text = kind.form === 'jwt' ? jws : `${[jws, ...sent].join('~')}~`;
  return (parts.token ?? same)(text);
};

/** A person that does not exist; the national id is from the list of valid ones in domain.md. */
export const requestFactsExample = {
  subject: { type: 'ir-national-id', value: '0499370899' },
  params: { birthDate: '1985-03-21' },
  case: '1405/1842',
  operator: 'operator-7',
} as const satisfies JsonObject;

export type RequestParts = Overrides & {
  readonly key: TestKey;
  /** Milliseconds; the token begins then and lives a minute, and its inquiry id is of that time. */
  readonly now: number;
  readonly audience?: string;
};

export const requestClaimsAt = (
  now: number,
  issuer: string,
  audience: string = testAudience,
): JsonObject => ({
  iss: issuer,
  aud: audience,
  iat: Math.floor(now / 1000),
  exp: Math.floor(now / 1000) + 60,
  jti: newJti(),
  inq: {
    id: inquiryIdAt(now),
    seq: 1842,
    service: 'civil-registry/identity@1',
    purpose: 'pension-enrolment',
    basis: 'civil-code-1.12',
    station: 'till-3',
    presence: 'in-person',
  },
});

/** A counter's request (protocol.md §3) with its four facts. */
export const buildRequest = ({ now, audience, ...parts }: RequestParts): Promise<string> =>
  buildMessage({
    facts: requestFactsExample,
    ...parts,
    kind: kinds.request,
    base: requestClaimsAt(now, parts.key.owner, audience),
  });

export type ResponseParts = RequestParts & {
  readonly inReplyTo?: string;
  readonly requestDigest?: string;
  readonly inquiryId?: string;
  readonly outcome?: string;
};

/** An agency's answer; its facts are the fields of the result, none by default. */
export const buildResponse = ({
  now,
  audience = testAudience,
  inReplyTo = newJti(),
  requestDigest = sha256Url(''),
  inquiryId = inquiryIdAt(now),
  outcome = 'FOUND',
  ...parts
}: ResponseParts): Promise<string> => {
  const iat = Math.floor(now / 1000);
  return buildMessage({
    ...parts,
    kind: kinds.response,
    base: {
      iss: parts.key.owner,
      aud: audience,
      iat,
      exp: iat + 60,
      jti: newJti(),
      in_reply_to: inReplyTo,
      req_s256: requestDigest,
      inq_id: inquiryId,
      seq: 1,
      outcome,
    },
  });
};

export type AccessParts = RequestParts & { readonly htm?: 'GET' | 'POST'; readonly htu: string };

/** An access token for a read, bound to method and URL. */
export const buildAccess = ({
  now,
  audience = testAudience,
  htm = 'GET',
  htu,
  ...parts
}: AccessParts): Promise<string> => {
  const iat = Math.floor(now / 1000);
  return buildMessage({
    ...parts,
    kind: kinds.access,
    base: { iss: parts.key.owner, aud: audience, iat, exp: iat + 60, jti: newJti(), htm, htu },
  });
};

/** An object with some members replaced; `undefined` takes a member out. */
export const withMembers =
  (change: Readonly<Record<string, JsonValue | undefined>>) =>
  (object: JsonObject): JsonObject => {
    const members = new Map(Object.entries(object));
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) members.delete(name);
      else members.set(name, value);
    }
    return Object.fromEntries(members);
  };

/** Claims with times so many seconds after an instant. */
export const withTimes = (
  seconds: number,
  offsets: Readonly<Record<string, number>>,
): ((claims: JsonObject) => JsonObject) => {
  const moved = Object.entries(offsets).map(([name, offset]) => [name, seconds + offset] as const);
  return withMembers(Object.fromEntries(moved));
};

/** An object with one of its texts changed. */
export const withText =
  (name: string, change: (text: string) => string) =>
  (object: JsonObject): JsonObject => {
    const text = object[name];
    return typeof text === 'string' ? { ...object, [name]: change(text) } : object;
  };

/** The `inq` of a request with some members replaced; `undefined` takes a member out. */
export const withInquiry =
  (change: Readonly<Record<string, JsonValue | undefined>>) =>
  (claims: JsonObject): JsonObject => {
    const { inq } = claims;
    return { ...claims, inq: withMembers(change)(isJsonObject(inq) ? inq : {}) };
  };
