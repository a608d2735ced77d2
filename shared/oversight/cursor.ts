import { createCipheriv, createDecipheriv } from 'node:crypto';
import type * as z from 'zod';
import { nonceLength } from '../audit/vault.ts';
import { concat, fromBase64Url, type SecretKey, toBase64Url, utf8 } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';

/** The most characters of a cursor: a place in each of 64 logs fits. */
export const longestCursor = 4096;

const version = 1;
const tagLength = 16;

/** Whose cursor it is, and of which query: nobody else's opens, and it opens nowhere else. */
export type CursorOf = {
  readonly reader: string;
  /** The name of the route, or of the question. */
  readonly of: string;
  /** What is asked, without what may change from page to page. */
  readonly query: JsonObject;
};

const contextOf = ({ reader, of, query }: CursorOf): Uint8Array =>
  utf8(canonicalJson({ v: version, reader, of, query }));

/**
 * A place in a listing as a text that says nothing and cannot be made up: base64url of version ‖ nonce ‖
 * ciphertext ‖ tag (AES-256-GCM, NIST SP 800-38D), bound to its reader and its query.
 */
export const sealCursor = (
  sealing: { readonly key: SecretKey; readonly random: (length: number) => Uint8Array },
  whose: CursorOf,
  place: JsonObject,
): string => {
  const nonce = sealing.random(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', sealing.key, nonce).setAAD(contextOf(whose));
  const body = cipher.update(utf8(canonicalJson(place)));
  const box = concat(Uint8Array.of(version), nonce, body, cipher.final(), cipher.getAuthTag());
  const text = toBase64Url(box);
  if (text.length > longestCursor) throw new RangeError('A cursor is too long.');
  return text;
};

const unseal = (key: SecretKey, whose: CursorOf, box: Uint8Array): Uint8Array | undefined => {
  if (box[0] !== version || box.length < 1 + nonceLength + tagLength) return undefined;
  const tagStart = box.length - tagLength;
  const nonce = box.subarray(1, 1 + nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength })
    .setAAD(contextOf(whose))
    .setAuthTag(box.subarray(tagStart));
  try {
    return concat(decipher.update(box.subarray(1 + nonceLength, tagStart)), decipher.final());
  } catch {
    return undefined;
  }
};

/** The place that {@link sealCursor} sealed; `invalid-query` for every other text, reader and query. */
export const openCursor = <Place extends z.ZodType>(
  key: SecretKey,
  whose: CursorOf,
  text: string,
  shape: Place,
): z.infer<Place> => {
  const box = text.length > longestCursor ? undefined : fromBase64Url(text);
  const opened = box === undefined ? undefined : unseal(key, whose, box);
  if (opened === undefined) {
    throw new Problem('invalid-query', 'The cursor is not of this query, or not of this reader.');
  }
  const place: unknown = JSON.parse(Buffer.from(opened).toString('utf8'));
  return shape.parse(place);
};
