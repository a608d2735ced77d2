import type { TagColumn, WordColumn } from './filter.ts';
import type { Fixed } from './fixed.ts';
import type { Words } from './words.ts';

/**
 * Entries that stand one after another in a log, as columns: what is counted or picked of them is read
 * without making an object of each. A column is unpacked when it is first asked for; whatever is wrong
 * with its bytes throws `IndexInvalid`, then at the latest. `factsAt` makes the facts of one row.
 */
export type RowGroup = {
  readonly shard: number;
  /** Entries in it: rows are numbered from 0. */
  readonly count: number;
  /** Leaf indexes of the rows, ascending. */
  readonly indexes: () => Float64Array;
  /** The times inside the ids. */
  readonly times: () => Float64Array;
  readonly ids: () => Fixed;
  readonly tags: Readonly<Record<TagColumn, () => Fixed>>;
  /** 0 not known, 1 none, 2 a case number. */
  readonly cases: () => Uint8Array;
  readonly words: (column: WordColumn) => Words;
  /** `answer` is 0 where the agency gave none: its numbers begin at 1. */
  readonly numbers: Readonly<Record<'seq' | 'ms' | 'answer', () => Float64Array>>;
};
