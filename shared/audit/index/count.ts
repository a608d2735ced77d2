import type { WordColumn } from './filter.ts';
import type { Found } from './walk.ts';
import { type RowsQuery, type Walked, walkRows } from './walk-rows.ts';

/** What entries are counted by; days and hours are of the clock that `ahead` describes. */
export type CountBy =
  | Extract<
      WordColumn,
      'counter' | 'agency' | 'service' | 'purpose' | 'outcome' | 'rule' | 'province' | 'station'
    >
  | 'day'
  | 'hour';

/** Columns that one call may count by. */
const mostBy = 4;

export type CountQuery = RowsQuery & {
  /** Each of these is counted by itself, in one walk: one to four. */
  readonly by: readonly CountBy[];
  /** Milliseconds that the clock of the days is ahead of UTC at a time, in whole quarters of an hour. */
  readonly ahead: (instant: number) => number;
};

/** Counts so far; those of the next call from `position` on are to be added. */
export type Counts = Walked & {
  /**
   * For each of `by`, in its order: how many by value. Days are `2026-11-22`, hours `2026-11-22T09`, and
   * `''` where the fact is not known.
   */
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly total: number;
};

const quarter = 900_000;

/** Adds rows to some counts. */
type Tally = (found: Found, counts: Map<string, number>) => void;

const add = (counts: Map<string, number>, label: string, n: number): void => {
  counts.set(label, (counts.get(label) ?? 0) + n);
};

/** A clock is changed at a quarter of an hour, if at all: a label is made once for each. */
const tallyTimes =
  (length: number, ahead: CountQuery['ahead']): Tally =>
  ({ group, rows }, counts) => {
    const times = group.times();
    const quarters = new Map<number, number>();
    for (const row of rows) {
      const start = Math.floor((times[row] ?? 0) / quarter);
      quarters.set(start, (quarters.get(start) ?? 0) + 1);
    }
    for (const [start, n] of quarters) {
      const instant = start * quarter;
      add(counts, new Date(instant + ahead(instant)).toISOString().slice(0, length), n);
    }
  };

const tallyWords =
  (column: WordColumn): Tally =>
  ({ group, rows }, counts) => {
    const { words, codes } = group.words(column);
    const [labels, of] = [words(), codes()];
    const sums = new Uint32Array(labels.length + 1);
    for (let n = 0; n < rows.length; n += 1) {
      const code = of[rows[n] ?? 0] ?? 0;
      sums[code] = (sums[code] ?? 0) + 1;
    }
    sums.forEach((n, code) => {
      if (n > 0) add(counts, labels[code - 1] ?? '', n);
    });
  };

const tallyBy = (by: CountBy, ahead: CountQuery['ahead']): Tally => {
  if (by === 'day') return tallyTimes('2026-11-22'.length, ahead);
  if (by === 'hour') return tallyTimes('2026-11-22T09'.length, ahead);
  return tallyWords(by);
};

/**
 * How many entries a filter means, by some of their facts. Rejects with `IndexInvalid`,
 * `IndexIncomplete` and `store-unavailable`.
 */
export const countEntries = async ({ by, ahead, ...query }: CountQuery): Promise<Counts> => {
  if (by.length < 1 || by.length > mostBy) throw new RangeError('A count is by one to four facts.');
  const tallies = by.map((one) => {
    const counts = new Map<string, number>();
    return { tally: tallyBy(one, ahead), counts };
  });
  let total = 0;
  const walked = await walkRows(query, (found) => {
    for (const { tally, counts } of tallies) tally(found, counts);
    total += found.rows.length;
  });
  return { ...walked, counts: tallies.map(({ counts }) => counts), total };
};
