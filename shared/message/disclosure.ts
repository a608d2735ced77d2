import { fromBase64Url, sha256Url, toBase64Url, utf8 } from '../kernel/bytes.ts';
import { Problem } from '../kernel/problem.ts';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from '../kernel/strict-json.ts';

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

const invalid = (detail: string): Problem => new Problem('disclosure-invalid', detail);

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

/** Reads one disclosure by the profile of protocol.md §4; its digest is not yet looked for. */
export const parseDisclosure = (text: string): Disclosure => {
  const bytes = fromBase64Url(text);
  if (bytes === undefined || text === '') {
    throw new Problem('malformed', 'A disclosure is not canonical base64url.');
  }
  const parts = parseStrictJson(bytes);
  if (!isJsonArray(parts)) throw new Problem('malformed', 'A disclosure is not a JSON array.');
  const [salt, name, value] = parts;
  if (parts.length !== 3 || value === undefined) {
    throw invalid('A disclosure must be [salt, name, value]; array elements are not disclosed.');
  }
  if (typeof salt !== 'string' || !saltPattern.test(salt)) {
    throw invalid('A salt must be 22 to 86 base64url characters.');
  }
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw invalid('A disclosure has a name that is reserved or not a plain word.');
  }
  if (hidesDigests(value)) throw invalid('Digests inside a disclosed value are not taken.');
  return { text, digest: sha256Url(text), name, value };
};

const readDigests = (claims: JsonObject): readonly string[] => {
  const algorithm = claims['_sd_alg'];
  if (algorithm !== undefined && algorithm !== 'sha-256') {
    throw invalid('The _sd_alg must be sha-256 or absent.');
  }
  const digests = claims['_sd'] === undefined ? [] : claims['_sd'];
  if (!isJsonArray(digests) || digests.length > maxDigests) {
    throw invalid(`The _sd must be an array of at most ${maxDigests} digests.`);
  }
  return digests.map((digest, index) => {
    const before = digests[index - 1];
    if (typeof digest !== 'string' || !digestPattern.test(digest)) {
      throw invalid('A digest in _sd is not 43 characters of canonical base64url.');
    }
    if (typeof before === 'string' && before >= digest) {
      throw invalid('The digests in _sd must be sorted, each once.');
    }
    return digest;
  });
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
  const digests = new Set(readDigests(claims));
  const inner = Object.entries(claims).filter(([name]) => name !== '_sd' && name !== '_sd_alg');
  if (inner.some(([name, value]) => name === '...' || hidesDigests(value))) {
    throw invalid('Digests stand only in the _sd at the top.');
  }
  if (texts.length > maxDigests) throw invalid(`At most ${maxDigests} disclosures are taken.`);
  const names = new Set(Object.keys(claims));
  const opened = texts.map((text) => {
    const disclosure = parseDisclosure(text);
    if (!digests.delete(disclosure.digest)) {
      throw invalid('A disclosure matches no digest, or one that is already open.');
    }
    if (names.has(disclosure.name)) {
      throw invalid('A disclosed name stands twice, or also in the clear.');
    }
    names.add(disclosure.name);
    return disclosure;
  });
  if (complete && digests.size > 0) throw invalid('Every digest must be opened in a request.');
  return opened;
};

/** The message with only some of its disclosures; its signature holds as before. */
export const joinSdJwt = (jws: string, disclosures: readonly Disclosure[]): string =>
  `${[jws, ...disclosures.map(({ text }) => text)].join('~')}~`;
