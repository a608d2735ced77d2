import { fingerprintOf } from './fingerprint.ts';
import { IndexInvalid } from './index-invalid.ts';

/** A column with more words than this is not told: nothing is skipped by it. */
const mostWords = 32_768;

/** Bytes of a word: its fingerprint, and in which of 64 segments it occurs, the first in the lowest bit. */
const width = 12;

/** What stands for a column that is not told; no table has this length. */
const untold = Uint8Array.of(0);

/** In which of 64 segments the words of a column occur. */
export type WordMasks = {
  /** Those in which one of these words may occur; undefined when that is not told. */
  readonly having: (words: readonly string[]) => bigint | undefined;
};

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The masks by fingerprint. */
type Table = ReadonlyMap<number, bigint>;

const readTable = (block: Uint8Array): Table | undefined => {
  if (block.length === untold.length) return undefined;
  if (block.length % width !== 0)
    throw new IndexInvalid('A summary has a table of another length.');
  const view = viewOf(block);
  return new Map(
    Array.from({ length: block.length / width }, (_, n) => [
      view.getUint32(n * width),
      view.getBigUint64(n * width + 4),
    ]),
  );
};

const writeTable = (table: Table): Uint8Array => {
  if (table.size > mostWords) return untold;
  const block = new Uint8Array(table.size * width);
  const view = viewOf(block);
  [...Uint32Array.from(table.keys()).toSorted()].forEach((print, n) => {
    view.setUint32(n * width, print);
    view.setBigUint64(n * width + 4, table.get(print) ?? 0n);
  });
  return block;
};

/** The words of a segment, by its place among the 64. */
export type PlacedWords = { readonly place: number; readonly words: readonly string[] };

/**
 * A column's block with the words of some segments instead of what was there of them; an empty block
 * has none. A column that once had too many words is not told again.
 */
export const withWords = (block: Uint8Array, placed: readonly PlacedWords[]): Uint8Array => {
  const before = readTable(block);
  if (before === undefined) return untold;
  const kept = ~placed.reduce((bits, { place }) => bits | (1n << BigInt(place)), 0n);
  const table = new Map<number, bigint>();
  for (const [print, mask] of before) if ((mask & kept) !== 0n) table.set(print, mask & kept);
  for (const { place, words } of placed) {
    const bit = 1n << BigInt(place);
    for (const word of words) {
      const print = fingerprintOf(word);
      table.set(print, (table.get(print) ?? 0n) | bit);
    }
  }
  return writeTable(table);
};

/** Opens a block of {@link withWords}; throws {@link IndexInvalid}. Nothing is made of what is not asked for. */
export const openWordMasks = (block: Uint8Array): WordMasks => {
  if (block.length === untold.length) return { having: () => undefined };
  if (block.length % width !== 0)
    throw new IndexInvalid('A summary has a table of another length.');
  const view = viewOf(block);
  const maskOf = (word: string): bigint => {
    const print = fingerprintOf(word);
    let [low, high] = [0, block.length / width];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (view.getUint32(middle * width) < print) low = middle + 1;
      else high = middle;
    }
    const isHere = low * width < block.length && view.getUint32(low * width) === print;
    return isHere ? view.getBigUint64(low * width + 4) : 0n;
  };
  return { having: (wanted) => wanted.reduce((mask, word) => mask | maskOf(word), 0n) };
};
