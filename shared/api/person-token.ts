import { fromBase64Url } from '../kernel/bytes.ts';
import { Problem } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '../kernel/strict-json.ts';

/**
 * Signature algorithms that the token of a provider may have (RFC 7518 §3.1, RFC 8037, RFC 9864). None
 * of them has a key that both sides know, so no public key can be taken for a secret.
 */
export const personAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
export type PersonAlgorithm = (typeof personAlgorithms)[number];

/** Whom a provider's tokens can be about. */
export const personTypes = ['ir-national-id', 'ir-legal-id'] as const;
export type PersonType = (typeof personTypes)[number];

/** A JWT of a provider, taken apart; nothing of it is believed yet. */
export type PersonToken = {
  /** The compact JWS as it was sent. */
  readonly jws: string;
  readonly alg: PersonAlgorithm;
  readonly kid: string;
  readonly claims: JsonObject;
};

/** The most characters of a token. */
export const maxPersonToken = 8192;

/** An access token (RFC 9068 §2.1), and what says no more than that it is a JWT. */
const types: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt']);

/** Members that would change what is signed or how it is read (RFC 7515 §4.1.11, RFC 7797, RFC 7516). */
const changing = ['crit', 'b64', 'zip', 'enc'];

const malformed = (detail: string): Problem => new Problem('malformed', detail);

const objectIn = (segment: string, part: string): JsonObject => {
  const bytes = fromBase64Url(segment);
  if (bytes === undefined) throw malformed(`The ${part} is not canonical base64url.`);
  const json = parseStrictJson(bytes);
  if (!isJsonObject(json)) throw malformed(`The ${part} is not a JSON object.`);
  return json;
};

type Header = Pick<PersonToken, 'alg' | 'kid'>;

const readHeader = (header: JsonObject, allowed: readonly PersonAlgorithm[]): Header => {
  const { alg: wanted, kid, typ = 'JWT' } = header;
  const alg = allowed.find((one) => one === wanted);
  if (alg === undefined) {
    throw new Problem('algorithm-not-allowed', `The alg must be one of ${allowed.join(', ')}.`);
  }
  if (changing.some((name) => Object.hasOwn(header, name))) {
    throw new Problem('header-not-allowed', `The header may hold none of ${changing.join(', ')}.`);
  }
  if (typeof typ !== 'string' || !types.has(typ.toLowerCase())) {
    throw new Problem('wrong-typ', 'Send an access token: its typ is at+jwt or JWT.');
  }
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(kid)) {
    throw malformed('The header must name the key by its kid.');
  }
  return { alg, kid };
};

/**
 * Takes the token of a provider apart, as strictly as our own messages: a bounded size, three segments
 * of canonical base64url, strict JSON (no member twice, whole numbers only), an algorithm that is
 * allowed. Members of the header that it does not need are passed over; what they name is never fetched.
 */
export const readPersonToken = (text: string, allowed: readonly PersonAlgorithm[]): PersonToken => {
  if (text.length > maxPersonToken) {
    throw malformed(`A token holds at most ${maxPersonToken} characters.`);
  }
  const segments = text.split('.');
  const [header = '', payload = '', signature = ''] = segments;
  if (segments.length !== 3) throw malformed('A token has three segments.');
  const read = readHeader(objectIn(header, 'header'), allowed);
  const claims = objectIn(payload, 'payload');
  if (signature === '' || fromBase64Url(signature) === undefined) {
    throw malformed('The signature is not canonical base64url.');
  }
  return { jws: text, ...read, claims };
};
