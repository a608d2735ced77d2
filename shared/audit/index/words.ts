import { type Blocks, blockText, lazily, wordsBlock, wordsOf } from './blocks.ts';
import { IndexInvalid } from './index-invalid.ts';

/** A column of words: `codes` has one number a row, 0 for none, else 1 + the place among the words. */
export type Words = {
  /** Whether a word may be among them; false is certain. Spares making a text of each. */
  readonly mayHave: (word: string) => boolean;
  readonly words: () => readonly string[];
  readonly codes: () => Uint8Array | Uint16Array;
};

const widest = 255;

/** The commonest words get the lowest numbers: the high bytes are then all alike. */
const byFrequency = (values: readonly (string | undefined)[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const value of values) {
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([word]) => word);
};

/** The blocks of a column: its words, and its codes, of which the high bytes stand behind the low. */
export const packWords = (
  values: readonly (string | undefined)[],
): readonly [words: Uint8Array, codes: Uint8Array] => {
  const words = byFrequency(values);
  const places = new Map(words.map((word, n) => [word, n + 1]));
  const count = values.length;
  const codes = new Uint8Array(words.length > widest ? 2 * count : count);
  values.forEach((value, row) => {
    const code = value === undefined ? 0 : (places.get(value) ?? 0);
    codes[row] = code % 256;
    if (words.length > widest) codes[count + row] = Math.floor(code / 256);
  });
  return [wordsBlock(words), codes];
};

const joined = (block: Uint8Array, count: number): Uint16Array => {
  const codes = new Uint16Array(count);
  for (let row = 0; row < count; row += 1) {
    codes[row] = (block[row] ?? 0) + 256 * (block[count + row] ?? 0);
  }
  return codes;
};

/** Reads a column of `count` rows from the blocks `at` and the next; throws {@link IndexInvalid}. */
export const openWords = (blocks: Blocks, at: number, count: number): Words => {
  const text = lazily(() => ({ lines: `\n${blockText(blocks(at))}\n` }));
  const words = lazily(() => wordsOf(text().lines.slice(1, -1), count));
  const codes = lazily(() => {
    const block = blocks(at + 1);
    const known = words().length;
    const wide = known > widest;
    if (block.length !== (wide ? 2 * count : count)) {
      throw new IndexInvalid('A column of the index has another length.');
    }
    const made = wide ? joined(block, count) : block;
    for (let row = 0; row < count; row += 1) {
      if ((made[row] ?? 0) > known) throw new IndexInvalid('A row has an unknown word.');
    }
    return made;
  });
  return { mayHave: (word) => text().lines.includes(`\n${word}\n`), words, codes };
};
