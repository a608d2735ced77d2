import { fromBase64Url, sha256Url, toBase64Url, utf8 } from '../kernel/bytes.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../kernel/strict-json.ts';
import { asCheck, refusalOf } from './checks.ts';

/** One opened fact of an SD-JWT (RFC 9901 §4.2): the text that travels, and what it says. */
export type Disclosure = {
  readonly text: string;
  /** base64url(SHA-256(text)), as it stands in `_sd`. */
  readonly digest: string;
  readonly name: string;
  readonly value: JsonValue;
};

/** Digests one message may carry. */
export const maxDigests = 64;

const saltPattern = /^[A-Za-z0-9_-]{22,86}$/;
const namePattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const digestPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const reserved = new Set(['_sd', '...', '_sd_alg']);

/** A new disclosure. `salt`: at least 16 random bytes, a fresh one for every fact. */
export const makeDisclosure = (salt: Uint8Array, name: string, value: JsonValue): Disclosure => {
  const text = toBase64Url(utf8(JSON.stringify([toBase64Url(salt), name, value])));
  return { text, digest: sha256Url(text), name, value };
};

/** Whether `_sd` or `...` stands anywhere inside a value. */
const hidesDigests = (value: JsonValue | undefined): boolean => {
  if (isJsonArray(value)) return value.some(hidesDigests);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, inner]) => reserved.has(name) || hidesDigests(inner));
};

type Elements = { readonly text: string; readonly parts: readonly JsonValue[] };
type Named = Omit<Disclosure, 'digest'>;

const readBytes = (text: string): { readonly text: string; readonly bytes: Uint8Array } => {
  const bytes = fromBase64Url(text);
  if (bytes === undefined || text === '') throw refusalOf('disclosure-base64url');
  return { text, bytes };
};

const readArray = ({ text, bytes }: ReturnType<typeof readBytes>): Elements => {
  const parts = asCheck('disclosure-json', () => parseStrictJson(bytes));
  if (!isJsonArray(parts)) {
    throw refusalOf('disclosure-json', 'A disclosure must be a JSON array.');
  }
  return { text, parts };
};

const checkElements = ({ parts }: Elements): void => {
  if (parts.length !== 3) throw refusalOf('disclosure-elements');
};

const checkSalt = ({ parts: [salt] }: Elements): void => {
  if (typeof salt !== 'string' || !saltPattern.test(salt)) throw refusalOf('disclosure-salt');
};

const readNamed = ({ text, parts: [, name, value] }: Elements): Named => {
  if (typeof name !== 'string' || !namePattern.test(name) || value === undefined) {
    throw refusalOf('disclosure-name');
  }
  return { text, name, value };
};

const checkValue = ({ value }: Named): void => {
  if (hidesDigests(value)) throw refusalOf('disclosure-value');
};

/**
 * Reads disclosures by the profile of protocol.md §4, check by check over all of them, so that the
 * first check that fails is the same in whatever order they stand; digests are not yet looked for.
 */
const parseDisclosures = (texts: readonly string[]): readonly Disclosure[] => {
  const arrays = texts.map(readBytes).map(readArray);
  arrays.forEach(checkElements);
  arrays.forEach(checkSalt);
  const named = arrays.map(readNamed);
  named.forEach(checkValue);
  return named.map(({ text, name, value }) => ({ text, digest: sha256Url(text), name, value }));
};

/** Reads one disclosure by the profile of protocol.md §4; its digest is not yet looked for. */
export const parseDisclosure = (text: string): Disclosure => {
  const [disclosure] = parseDisclosures([text]);
  if (disclosure === undefined) throw new TypeError('One text gives one disclosure.');
  return disclosure;
};

const readDigests = (claims: JsonObject): readonly string[] => {
  const algorithm = claims['_sd_alg'];
  if (algorithm !== undefined && algorithm !== 'sha-256') throw refusalOf('sd-alg');
  const found = claims['_sd'] === undefined ? [] : claims['_sd'];
  if (!isJsonArray(found) || found.length > maxDigests) throw refusalOf('digest-list');
  const digests = found.map((digest) => {
    if (typeof digest !== 'string' || !digestPattern.test(digest)) throw refusalOf('digest-form');
    return digest;
  });
  const sorted = digests.every((digest, at) => at === 0 || (digests[at - 1] ?? '') < digest);
  if (!sorted) throw refusalOf('digest-order');
  return digests;
};

/** That each disclosure opens a digest of its own; what is left stays closed. */
const matchDigests = (
  digests: readonly string[],
  disclosures: readonly Disclosure[],
): ReadonlySet<string> => {
  const closed = new Set(digests);
  for (const { digest } of disclosures) {
    if (!closed.delete(digest)) throw refusalOf('disclosure-digest');
  }
  return closed;
};

/**
 * Opens disclosures against the signed claims (protocol.md §4): `_sd` only at the top, sorted, no
 * repetition; every disclosure matches a digest of its own, no name twice, none that stands in the
 * clear. With `complete`, every digest must be opened.
 */
export const openDisclosures = (
  claims: JsonObject,
  texts: readonly string[],
  complete: boolean,
): readonly Disclosure[] => {
  const digests = readDigests(claims);
  const inner = Object.entries(claims).filter(([name]) => name !== '_sd' && name !== '_sd_alg');
  if (inner.some(([name, value]) => name === '...' || hidesDigests(value))) {
    throw refusalOf('digest-place');
  }
  if (texts.length > maxDigests) throw refusalOf('disclosure-count');
  const disclosures = parseDisclosures(texts);
  const closed = matchDigests(digests, disclosures);
  const names = new Set(Object.keys(claims));
  for (const { name } of disclosures) {
    if (names.has(name)) throw refusalOf('disclosure-once');
    names.add(name);
  }
  if (complete && closed.size > 0) throw refusalOf('digests-opened');
  return disclosures;
};

/** The message with only some of its disclosures; its signature holds as before. */
export const joinSdJwt = (jws: string, disclosures: readonly Disclosure[]): string =>
  `${[jws, ...disclosures.map(({ text }) => text)].join('~')}~`;
