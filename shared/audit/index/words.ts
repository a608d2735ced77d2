import { type Blocks, blockText, lazily, wordsBlock, wordsOf } from './blocks.ts';
import { type Ints, openInts, packInts } from './ints.ts';

/** A column of words, some of which may be missing: code 0, else 1 + the place among the words. */
export type Words = {
  /** The code of a word; undefined where it is in no row. Makes no text of the others. */
  readonly find: (word: string) => number | undefined;
  /** Each in one row at least. */
  readonly words: () => readonly string[];
  readonly codes: () => Uint16Array;
  /** The word of a row. */
  readonly at: (row: number) => string | undefined;
};

/** The blocks of a column: its words in the order in which they come first, and a code for each row. */
export const packWords = (
  values: readonly (string | undefined)[],
): readonly [words: Uint8Array, codes: Uint8Array] => {
  const codeOf = new Map<string, number>();
  const codes = values.map((value) => {
    if (value === undefined) return 0;
    const code = codeOf.get(value) ?? codeOf.size + 1;
    codeOf.set(value, code);
    return code;
  });
  return [wordsBlock([...codeOf.keys()]), packInts(codes)];
};

const newline = 0x0a;

/** Which of some lines a word is, from 1 on; lines and word have a line's end on both sides. */
const lineOf = (lines: string, word: string): number | undefined => {
  const found = lines.indexOf(word);
  if (found < 0) return undefined;
  let line = 1;
  for (let at = 0; at < found; at += 1) if (lines.charCodeAt(at + 1) === newline) line += 1;
  return line;
};

/** Reads a column of `count` rows from the blocks `at` and the next; throws `IndexInvalid`. */
export const openWords = (blocks: Blocks, at: number, count: number): Words => {
  const text = lazily(() => ({ lines: `\n${blockText(blocks(at))}\n` }));
  const words = lazily(() => wordsOf(text().lines.slice(1, -1), count));
  const ints: () => Ints = lazily(() => openInts(blocks(at + 1), count, words().length));
  return {
    find: (word) => (word.includes('\n') ? undefined : lineOf(text().lines, `\n${word}\n`)),
    words,
    codes: lazily(() => ints().into(new Uint16Array(count))),
    at: (row) => words()[ints().at(row) - 1],
  };
};
