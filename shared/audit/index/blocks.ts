import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { concat, utf8 } from '../../kernel/bytes.ts';
import { IndexInvalid } from './index-invalid.ts';

/** What an object of the index is: the fifth byte says it. */
export type Kind = 'segment' | 'summary' | 'prints';

const magic = 'EIDX';
const kindBytes: Readonly<Record<Kind, number>> = { segment: 1, summary: 2, prints: 3 };
const version = 1;
const headLength = 8;
const rowLength = 8;

/** What the blocks of an object may hold unpacked; a corrupt one must not be able to fill the memory. */
const mostUnpacked = 2_097_152;

/** Below this a block is not worth the time that unpacking it takes. */
const worthIt = 1024;

/** A block that deflate does not make smaller stands as it is. */
const squeeze = (block: Uint8Array): Uint8Array => {
  if (block.length < worthIt) return block;
  const deflated = deflateRawSync(block, { level: 6 });
  return deflated.length < block.length ? deflated : block;
};

/**
 * Blocks as one object: `EIDX`, kind, version, their number in 16 bits; for each its length here and its
 * length unpacked in 32 bits, big-endian; the blocks, deflated (RFC 1951) where the two lengths differ.
 */
export const packBlocks = (
  kind: Kind,
  blocks: readonly Uint8Array[],
  mayDeflate: (block: number) => boolean = () => false,
): Uint8Array => {
  const packed = blocks.map((block, n) => (mayDeflate(n) ? squeeze(block) : block));
  const head = Buffer.alloc(headLength + rowLength * blocks.length);
  head.write(magic, 'latin1');
  head.writeUInt8(kindBytes[kind], 4);
  head.writeUInt8(version, 5);
  head.writeUInt16BE(blocks.length, 6);
  blocks.forEach((block, n) => {
    if (block.length > mostUnpacked) throw new RangeError('A block is too large.');
    head.writeUInt32BE(packed[n]?.length ?? 0, headLength + rowLength * n);
    head.writeUInt32BE(block.length, headLength + rowLength * n + 4);
  });
  return concat(head, ...packed);
};

/** Reads the block of a number; each is unpacked when it is asked for. Throws {@link IndexInvalid}. */
export type Blocks = (n: number) => Uint8Array;

const unsqueeze = (stored: Uint8Array, length: number): Uint8Array => {
  if (stored.length === length) return stored;
  try {
    const block = inflateRawSync(stored, {
      maxOutputLength: length,
      // One piece: the default is made of many, each with a copy.
      chunkSize: Math.max(length, 64),
    });
    if (block.length === length) return block;
  } catch (cause) {
    throw new IndexInvalid('A block of the index cannot be unpacked.', { cause });
  }
  throw new IndexInvalid('A block of the index has another length.');
};

/** Checks that an object has these many blocks and is whole; throws {@link IndexInvalid}. */
export const openBlocks = (kind: Kind, count: number, bytes: Uint8Array): Blocks => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = headLength + rowLength * count;
  if (view.length < start || !view.subarray(0, 4).equals(utf8(magic))) {
    throw new IndexInvalid('This is no object of the index.');
  }
  if (view[4] !== kindBytes[kind] || view[5] !== version || view.readUInt16BE(6) !== count) {
    throw new IndexInvalid('This object of the index is of another kind or version.');
  }
  let end = start;
  const places = Array.from({ length: count }, (_, n) => {
    const row = headLength + rowLength * n;
    const [from, stored, length] = [end, view.readUInt32BE(row), view.readUInt32BE(row + 4)];
    if (stored > length || length > mostUnpacked) {
      throw new IndexInvalid('A block of the index has no length that it may have.');
    }
    end += stored;
    return { from, to: end, length };
  });
  if (end !== view.length) throw new IndexInvalid('An object of the index has another length.');
  return (n) => {
    const { from, to, length } = places[n] ?? { from: 0, to: 0, length: 0 };
    return unsqueeze(view.subarray(from, to), length);
  };
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a block of words, one a line. */
export const blockText = (block: Uint8Array): string => {
  try {
    return decoder.decode(block);
  } catch (cause) {
    throw new IndexInvalid('A dictionary of the index is no text.', { cause });
  }
};

/** Words as a block, one a line; throws a RangeError for what is no word. */
export const wordsBlock = (words: readonly string[]): Uint8Array => {
  if (!words.every((word) => /^[^\n]{1,128}$/.test(word) && word.isWellFormed())) {
    throw new RangeError('A word of the index is a line of at most 128 characters.');
  }
  return utf8(words.join('\n'));
};

/** The words of a block's text. */
export const wordsOf = (text: string, most: number): readonly string[] => {
  const words = text === '' ? [] : text.split('\n');
  if (words.length > most || words.includes('')) {
    throw new IndexInvalid('A dictionary of the index is not right.');
  }
  return words;
};

/** Makes a value when it is first asked for, and keeps it. */
export const lazily = <Value extends object>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
