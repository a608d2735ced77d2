import type { EntryFacts } from './entry-facts.ts';
import type { TagColumn, WordColumn } from './filter.ts';
import type { Ids } from './ids.ts';
import type { Tags } from './tags.ts';
import type { Words } from './words.ts';

/**
 * Entries that stand one after another in a log, as columns: what is counted or picked of them is read
 * without making an object of each. A column is unpacked when it is first asked for; whatever is wrong
 * with its bytes throws `IndexInvalid`, then at the latest.
 */
export type RowGroup = {
  readonly shard: number;
  /** Entries in it: rows are numbered from 0. */
  readonly count: number;
  /** Leaf indexes of the rows, ascending. */
  readonly indexes: () => Float64Array;
  /** The times inside the ids, in milliseconds since 1970. */
  readonly times: () => Float64Array;
  readonly ids: () => Ids;
  readonly tags: Readonly<Record<TagColumn, () => Tags>>;
  /** 0 not known, 1 none, 2 a case number. */
  readonly cases: () => Uint16Array;
  readonly words: (column: WordColumn) => Words;
  /** `answer` is 0 where the agency gave none: its numbers begin at 1. */
  readonly numbers: Readonly<Record<'seq' | 'ms' | 'answer', () => Float64Array>>;
  /** Of one row, where few are looked at. */
  readonly indexAt: (row: number) => number;
  readonly timeAt: (row: number) => number;
  /** All that is known of one entry; throws a RangeError for a row that there is not. */
  readonly facts: (row: number) => EntryFacts;
};
