import { utf8 } from '../../kernel/bytes.ts';
import { type Blocks, lazily } from './blocks.ts';
import { ascendingCodes, type Coded, usedOnly } from './coded.ts';
import { IndexInvalid } from './index-invalid.ts';
import { openInts, packInts } from './ints.ts';

/** A column of words, some of which may be missing: code 0, else 1 + the place among the words. */
export type Words = {
  /** How many different ones there are. */
  readonly count: number;
  /** The code of a word; undefined where it is in no row. Reads few of the others. */
  readonly find: (word: string) => number | undefined;
  /** Each in one row at least, ascending. */
  readonly words: () => readonly string[];
  readonly codes: () => Uint16Array;
  /** The code of one row, where few are looked at. */
  readonly codeAt: (row: number) => number;
  /** The word of a row. */
  readonly at: (row: number) => string | undefined;
};

const mostUnits = 128;

const checkWords = (words: readonly string[]): void => {
  if (!words.every((word) => word !== '' && word.length <= mostUnits && word.isWellFormed())) {
    throw new RangeError('A word of the index is a text of 1 to 128 characters.');
  }
};

/** A column as it is packed: how many words, their texts, where each ends, and a code for each row. */
export type PackedWords = {
  readonly count: number;
  readonly blocks: readonly [texts: Uint8Array, ends: Uint8Array, codes: Uint8Array];
};

export const packWords = (coded: Coded): PackedWords => {
  const { values: words, codes } = ascendingCodes(usedOnly(coded));
  checkWords(words);
  let end = 0;
  const ends = words.map((word) => {
    end += Buffer.byteLength(word);
    return end;
  });
  return { count: words.length, blocks: [utf8(words.join('')), packInts(ends), packInts(codes)] };
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of some bytes. The strict decoder costs several times as much: it judges what looks spoilt. */
const textOf = (bytes: Buffer, from: number, to: number): string => {
  const text = bytes.toString('utf8', from, to);
  if (!text.includes('\ufffd')) return text;
  try {
    return decoder.decode(bytes.subarray(from, to));
  } catch (cause) {
    throw new IndexInvalid('A word of the index is no text.', { cause });
  }
};

/** The words by their codes; each is made of its bytes when it is first asked for. */
const openDictionary = (texts: Uint8Array, packedEnds: Uint8Array, count: number) => {
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength);
  const ends = openInts(packedEnds, count, bytes.length);
  const made: (string | undefined)[] = [];
  const placeOf = (code: number): readonly [from: number, to: number] => {
    const [from, to] = [code === 1 ? 0 : ends.at(code - 2), ends.at(code - 1)];
    if (from >= to) throw new IndexInvalid('A word of the index is empty.');
    return [from, to];
  };
  const word = (code: number): string => {
    const known = made[code];
    if (known !== undefined) return known;
    const [from, to] = placeOf(code);
    const text = textOf(bytes, from, to);
    made[code] = text;
    return text;
  };
  /** All at once, where each character is a byte. */
  const words = (): readonly string[] => {
    const all = bytes.toString('utf8');
    const isPlain = all.length === bytes.length && !all.includes('\ufffd');
    return Array.from({ length: count }, (_, n) => {
      if (!isPlain) return word(n + 1);
      const [from, to] = placeOf(n + 1);
      return all.slice(from, to);
    });
  };
  const find = (wanted: string): number | undefined => {
    let [low, high] = [1, count + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (word(middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return low <= count && word(low) === wanted ? low : undefined;
  };
  return { word, words, find };
};

/** Reads a column of `rows` rows from the three blocks from `at` on; throws {@link IndexInvalid}. */
export const openWords = (blocks: Blocks, at: number, count: number, rows: number): Words => {
  if (count > rows) throw new IndexInvalid('A column of the index has more words than rows.');
  const dictionary = lazily(() => openDictionary(blocks(at), blocks(at + 1), count));
  const ints = lazily(() => openInts(blocks(at + 2), rows, count));
  return {
    count,
    find: (word) => dictionary().find(word),
    words: lazily(() => dictionary().words()),
    codes: lazily(() => ints().into(new Uint16Array(rows))),
    codeAt: (row) => ints().at(row),
    at: (row) => {
      const code = ints().at(row);
      return code === 0 ? undefined : dictionary().word(code);
    },
  };
};
