import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { concat, fromBase64Url, toBase64Url, utf8 } from '../kernel/bytes.ts';
import { packDictionaries } from './pack-dictionary.ts';

/** The version that new rows are written with. */
const currentVersion = 1;

/** Texts of a row after unpacking; a corrupt row must not be able to fill the memory. */
const maxUnpacked = 262_144;

const dictionaryOf = (version: number | undefined): Uint8Array => {
  const dictionary = version === undefined ? undefined : packDictionaries.get(version);
  if (dictionary === undefined) throw new TypeError('A journal row has an unknown packing.');
  return dictionary;
};

/** Two lengths of 16 bits: a record holds at most 12 KB and a signed part 8 KB. */
const lengths = (first: number, second: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(first, 0);
  bytes.writeUInt16BE(second, 2);
  return bytes;
};

/** Deflates a text with the current dictionary; byte 0 is its version. */
export const packText = (text: string): Uint8Array =>
  concat(Uint8Array.of(currentVersion), deflate(utf8(text)));

export const unpackText = (packed: Uint8Array): string =>
  Buffer.from(inflate(packed.subarray(1), packed[0])).toString('utf8');

// A small window and memory level: a row is a few KB, and the default allocates 256 KB a call.
const deflate = (bytes: Uint8Array): Uint8Array =>
  deflateRawSync(bytes, {
    dictionary: dictionaryOf(currentVersion),
    windowBits: 12,
    memLevel: 3,
  });

const inflate = (bytes: Uint8Array, version: number | undefined): Uint8Array =>
  inflateRawSync(bytes, { dictionary: dictionaryOf(version), maxOutputLength: maxUnpacked });

/** A member of a canonical record cannot stand inside one of its strings: quotes are escaped there. */
const tokenMember = /"(?:req|res)":"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"/;

const putBack = (hollow: string, jws: string): string =>
  hollow.replace(/"(req|res)":""/, (_, member: string) => `"${member}":"${jws}"`);

/** The token of a record, if the record without it still tells where it stood. */
const findToken = (record: string): string | undefined => {
  const jws = tokenMember.exec(record)?.[1];
  return jws !== undefined && putBack(record.replace(jws, ''), jws) === record ? jws : undefined;
};

const decoded = (segment: string): Uint8Array => {
  const bytes = fromBase64Url(segment);
  if (bytes === undefined) throw new TypeError('A recorded token is not canonical base64url.');
  return bytes;
};

/**
 * Packs a record (I or O) with the signed token that stands verbatim in it: version ‖ signature
 * length (8 bits) ‖ signature ‖ deflate(lengths ‖ record without token ‖ header ‖ payload). Exactly
 * reversible, because base64url is canonical: {@link unpackRecord} gives back the same bytes.
 */
export const packRecord = (record: string): Uint8Array => {
  const jws = findToken(record);
  const [header, payload, signature] = (jws?.split('.') ?? ['', '', '']).map(decoded);
  if (header === undefined || payload === undefined || signature === undefined) {
    throw new TypeError('A recorded token does not have three segments.');
  }
  if (signature.length > 255) throw new RangeError('A recorded signature is too long to pack.');
  const hollow = utf8(jws === undefined ? record : record.replace(jws, ''));
  return concat(
    Uint8Array.of(currentVersion, signature.length),
    signature,
    deflate(concat(lengths(hollow.length, header.length), hollow, header, payload)),
  );
};

export const unpackRecord = (packed: Uint8Array): string => {
  const sealEnd = 2 + (packed[1] ?? 0);
  const signature = packed.subarray(2, sealEnd);
  const body = Buffer.from(inflate(packed.subarray(sealEnd), packed[0]));
  const hollowEnd = 4 + body.readUInt16BE(0);
  const headerEnd = hollowEnd + body.readUInt16BE(2);
  const hollow = body.subarray(4, hollowEnd).toString('utf8');
  if (signature.length === 0) return hollow;
  const segments = [body.subarray(hollowEnd, headerEnd), body.subarray(headerEnd), signature];
  return putBack(hollow, segments.map(toBase64Url).join('.'));
};
