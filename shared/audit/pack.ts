import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { concat, fromBase64Url, toBase64Url, utf8 } from '../kernel/bytes.ts';
import { fixedInflater } from './inflate-fixed.ts';
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

/** Two lengths of 16 bits: a record, which is a leaf or a part of one, and a signed part. */
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
  inflate(packed.subarray(1), packed[0]).toString('utf8');

/** The window of deflate, 4 KB: a part of the format, since no row may point back further. */
const windowBits = 12;

// A small window and memory level: a row is a few KB, and the default allocates 256 KB a call. The
// fixed codes of RFC 1951 §3.2.6 make a row a tenth longer, and it is unpacked in half the time.
const deflate = (bytes: Uint8Array): Uint8Array =>
  deflateRawSync(bytes, {
    dictionary: dictionaryOf(currentVersion),
    windowBits,
    memLevel: 3,
    strategy: constants.Z_FIXED,
  });

const fixedInflaters = new Map(
  [...packDictionaries].map(([version, dictionary]) => [
    version,
    fixedInflater(dictionary, 2 ** windowBits, maxUnpacked),
  ]),
);

/** A view that holds until the next call. */
const inflate = (bytes: Uint8Array, version: number | undefined): Buffer =>
  fixedInflaters.get(version ?? 0)?.(bytes) ??
  // Small pieces: what most rows unpack to fits into one.
  inflateRawSync(bytes, {
    dictionary: dictionaryOf(version),
    windowBits,
    chunkSize: 2048,
    maxOutputLength: maxUnpacked,
  });

/** A member of a canonical record cannot stand inside one of its strings: quotes are escaped there. */
const tokenMember = /"(?:req|res)":"([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)"/;

/** Puts a token into the first of the members that is empty. */
const putBack = (hollow: string, jws: string): string => {
  const place = hollow.search(/"re[qs]":""/);
  if (place < 0) return hollow;
  const inside = place + '"req":"'.length;
  return `${hollow.slice(0, inside)}${jws}${hollow.slice(inside)}`;
};

type Token = {
  readonly jws: string;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

const noToken: Token = {
  jws: '',
  header: new Uint8Array(),
  payload: new Uint8Array(),
  signature: new Uint8Array(),
};

/** A signature's length has one byte, and 0 says that there is no token. */
const longestSignature = 255;

/**
 * The token of a record, if all of it comes back from its bytes: it is canonical base64url, and the
 * record without it still tells where it stood. A record may hold what only looks like one.
 */
const findToken = (record: string): Token => {
  const jws = tokenMember.exec(record)?.[1];
  if (jws === undefined || putBack(record.replace(jws, ''), jws) !== record) return noToken;
  const [header, payload, signature] = jws.split('.').map(fromBase64Url);
  if (header === undefined || payload === undefined || signature === undefined) return noToken;
  return signature.length > longestSignature ? noToken : { jws, header, payload, signature };
};

/**
 * Packs a record (I, O or one of a single line) with the signed token that may stand verbatim in
 * it: version ‖ signature length (8 bits) ‖ signature ‖ deflate(lengths ‖ record without token ‖
 * header ‖ payload). Exactly reversible, because base64url is canonical: {@link unpackRecord} gives
 * back the same bytes. Throws a RangeError for a record longer than any leaf.
 */
export const packRecord = (record: string): Uint8Array => {
  const { jws, header, payload, signature } = findToken(record);
  const hollow = utf8(jws === '' ? record : record.replace(jws, ''));
  return concat(
    Uint8Array.of(currentVersion, signature.length),
    signature,
    deflate(concat(lengths(hollow.length, header.length), hollow, header, payload)),
  );
};

export const unpackRecord = (packed: Uint8Array): string => {
  const sealEnd = 2 + (packed[1] ?? 0);
  const signature = packed.subarray(2, sealEnd);
  const body = inflate(packed.subarray(sealEnd), packed[0]);
  const hollowEnd = 4 + body.readUInt16BE(0);
  const headerEnd = hollowEnd + body.readUInt16BE(2);
  const hollow = body.toString('utf8', 4, hollowEnd);
  if (signature.length === 0) return hollow;
  const header = body.toString('base64url', hollowEnd, headerEnd);
  const payload = body.toString('base64url', headerEnd);
  return putBack(hollow, `${header}.${payload}.${toBase64Url(signature)}`);
};
