import { fromBase64Url, toBase64Url } from '../../kernel/bytes.ts';
import { type Blocks, lazily } from './blocks.ts';
import { type Coded, usedOnly } from './coded.ts';
import { IndexInvalid } from './index-invalid.ts';
import { type Ints, openInts, packInts } from './ints.ts';

/** Bytes of a tag. */
export const tagWidth = 12;

/** The bytes of a tag; throws a RangeError for a text that is none. */
export const tagBytes = (tag: string): Uint8Array => {
  const bytes = fromBase64Url(tag);
  if (bytes?.length !== tagWidth) {
    throw new RangeError('A tag of the index is 12 bytes in base64url.');
  }
  return bytes;
};

/** The bytes of a tag as a text, one character each. */
export const tagKey = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The blocks of a column: its tags in the order in which they come first, and a code for each row. */
export const packTags = (keys: Coded): readonly [tags: Uint8Array, codes: Uint8Array] => {
  const { values, codes } = usedOnly(keys);
  return [Buffer.from(values.join(''), 'latin1'), packInts(codes)];
};

/** A column of tags, some of which may be missing: code 0, else 1 + the place among the tags. */
export type Tags = {
  /** The tag of a row, as base64url. */
  readonly at: (row: number) => string | undefined;
  /** Different tags in it. */
  readonly count: () => number;
  /** The tag that a code stands for. */
  readonly tag: (code: number) => Uint8Array;
  /** The code of a tag; undefined where it is in no row. */
  readonly find: (tag: Uint8Array) => number | undefined;
  readonly codes: () => Uint16Array;
  /** The code of one row, where few are looked at. */
  readonly codeAt: (row: number) => number;
};

/** Reads a column of `count` rows from the blocks `at` and the next; throws {@link IndexInvalid}. */
export const openTags = (blocks: Blocks, at: number, count: number): Tags => {
  const known = lazily(() => {
    const block = blocks(at);
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    if (bytes.length % tagWidth !== 0 || bytes.length > count * tagWidth) {
      throw new IndexInvalid('A column of the index has another length.');
    }
    return { bytes, count: bytes.length / tagWidth };
  });
  const ints: () => Ints = lazily(() => openInts(blocks(at + 1), count, known().count));
  const tag = (code: number): Uint8Array =>
    known().bytes.subarray((code - 1) * tagWidth, code * tagWidth);
  return {
    at: (row) => {
      const code = ints().at(row);
      return code === 0 ? undefined : toBase64Url(tag(code));
    },
    count: () => known().count,
    tag,
    find: (wanted) => {
      const { bytes } = known();
      if (wanted.length !== tagWidth) return undefined;
      for (let from = 0; ; from += 1) {
        from = bytes.indexOf(wanted, from);
        if (from < 0) return undefined;
        // A tag may also stand across two others.
        if (from % tagWidth === 0) return 1 + from / tagWidth;
      }
    },
    codeAt: (row) => ints().at(row),
    codes: lazily(() => ints().into(new Uint16Array(count))),
  };
};
