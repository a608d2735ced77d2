import { createHash, hash, type KeyObject, timingSafeEqual } from 'node:crypto';

/** 32 secret bytes. A KeyObject is cheaper: Node.js imports raw bytes anew at each use. */
export type SecretKey = KeyObject | Uint8Array;

const alphabet = /^[A-Za-z0-9_-]*$/;

/** What a text ends with whose last character stands for 2 or 4 bits only: those left over are zero. */
const tails = ['', '', 'AQgw', 'AEIMQUYcgkosw048'] as const;

/** Unpadded base64url (RFC 4648 §5, RFC 7515 §2). */
export const toBase64Url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/**
 * The bytes of a canonical base64url text: its alphabet, no padding, unused bits zero. Undefined
 * for every other text, so that one byte string has one spelling only.
 */
export const fromBase64Url = (text: string): Uint8Array | undefined => {
  const tail = tails[text.length % 4] ?? '';
  if (text.length % 4 === 1 || !alphabet.test(text)) return undefined;
  if (tail !== '' && !tail.includes(text.at(-1) ?? '')) return undefined;
  return Buffer.from(text, 'base64url');
};

export const sha256 = (data: Uint8Array | string): Uint8Array =>
  createHash('sha256').update(data).digest();

/** base64url(SHA-256(data)), 43 characters: the `*_s256` members of the protocol. */
export const sha256Url = (data: Uint8Array | string): string => hash('sha256', data, 'base64url');

export const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** The bytes of texts one after another: where all of them are ASCII, as most are, none is copied twice. */
export const utf8All = (texts: readonly string[]): Uint8Array => {
  // Room for one character more: of one that does not fit, nothing is written.
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + length, 4));
  let at = 0;
  for (const text of texts) {
    const written = bytes.write(text, at, 'utf8');
    // Every other character has more bytes than code units.
    if (written !== text.length) return Buffer.concat(texts.map((one) => Buffer.from(one, 'utf8')));
    at += written;
  }
  return bytes.subarray(0, at);
};

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

/** Whether every character is in U+0001..U+007F. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the rule
export const isAscii = (text: string): boolean => /^[\x01-\x7f]*$/.test(text);
