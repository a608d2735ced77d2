import { fromBase64Url, isAscii } from '../kernel/bytes.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../kernel/strict-json.ts';
import { type Algorithm, isAlgorithm } from './algorithm.ts';
import { asCheck, refusalOf } from './checks.ts';
import type { MessageKind } from './kind.ts';

/** A JWS taken apart (RFC 7515 §7.1) and nothing yet believed of it but its shape. */
export type Framed = {
  /** The JWS part: up to the first `~`, verbatim. */
  readonly jws: string;
  readonly header: { readonly alg: Algorithm; readonly kid: string; readonly typ: string };
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The disclosures as they travelled, in their order; empty for a plain JWT. */
  readonly disclosures: readonly string[];
};

const headerMembers = ['alg', 'kid', 'typ'];
const thumbprint = /^[A-Za-z0-9_-]{43}$/;

const segment = (text: string, part: 'header' | 'payload' | 'signature'): Uint8Array => {
  const bytes = fromBase64Url(text);
  if (bytes === undefined) throw refusalOf(`${part}-base64url`);
  return bytes;
};

const readHeader = (bytes: Uint8Array, typ: string): Framed['header'] => {
  const header: JsonValue = asCheck('header-json', () => parseStrictJson(bytes));
  if (!isJsonObject(header)) throw refusalOf('header-json', 'The header must be a JSON object.');
  const names = Object.keys(header);
  if (names.length !== headerMembers.length || !headerMembers.every((name) => name in header)) {
    throw refusalOf('header-members');
  }
  return checkHeader(header, typ);
};

const checkHeader = (header: JsonObject, typ: string): Framed['header'] => {
  if (header['typ'] !== typ) {
    throw refusalOf('typ', `This address takes messages whose typ is ${typ}.`);
  }
  const { kid, alg } = header;
  if (typeof kid !== 'string' || !thumbprint.test(kid)) throw refusalOf('kid-form');
  if (typeof alg !== 'string' || !isAlgorithm(alg)) throw refusalOf('alg-known');
  return { alg, kid, typ };
};

const splitForm = (text: string, kind: MessageKind): readonly [string, readonly string[]] => {
  if (kind.form === 'jwt') return [text, []];
  const [jws = '', ...rest] = text.split('~');
  const last = rest.pop();
  if (last === '') return [jws, rest];
  throw refusalOf(last?.includes('.') === true ? 'no-key-binding' : 'closing-tilde');
};

/**
 * Takes a message apart by the rules of protocol.md §2 and §5 that need no state: size, ASCII,
 * three segments of canonical base64url, the closed header. Verifies nothing.
 */
export const parseMessage = (text: string, kind: MessageKind): Framed => {
  if (text.length > kind.maxSize) {
    const said = `A message of this kind holds at most ${kind.maxSize} bytes.`;
    throw refusalOf('message-size', said);
  }
  if (!isAscii(text)) throw refusalOf('ascii');
  const [jws, disclosures] = splitForm(text, kind);
  if (jws.length > kind.maxJws) {
    throw refusalOf('jws-size', `The signed part holds at most ${kind.maxJws} bytes.`);
  }
  const segments = jws.split('.');
  const [header, payload, signature] = segments;
  if (
    header === undefined ||
    payload === undefined ||
    signature === undefined ||
    segments.length !== 3
  ) {
    throw refusalOf('three-segments');
  }
  const headerBytes = segment(header, 'header');
  const payloadBytes = segment(payload, 'payload');
  const signatureBytes = segment(signature, 'signature');
  return {
    jws,
    header: readHeader(headerBytes, kind.typ),
    payload: payloadBytes,
    signature: signatureBytes,
    disclosures,
  };
};

/** The text up to the first `~`: what `*_s256` members are taken over. */
export const jwsPart = (message: string): string => message.split('~', 1)[0] ?? '';
