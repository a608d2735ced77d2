import type { EntryFilter, WordColumn } from './filter.ts';
import type { OpenedIndex } from './opened-index.ts';
import { type Position, remaining } from './query.ts';
import { budgetOf, type Found, type Reach, walkShard } from './walk.ts';

/** What entries are counted by; days and hours are of the clock that `ahead` describes. */
export type CountBy =
  | Extract<
      WordColumn,
      'counter' | 'agency' | 'service' | 'purpose' | 'outcome' | 'rule' | 'province' | 'station'
    >
  | 'day'
  | 'hour';

export type CountQuery = {
  readonly segments: OpenedIndex;
  readonly shards: readonly Reach[];
  readonly filter: EntryFilter;
  readonly by: CountBy;
  /** Milliseconds that the clock of the days is ahead of UTC at a time, in whole quarters of an hour. */
  readonly ahead: (instant: number) => number;
  readonly after?: Position;
  readonly mostObjects: number;
};

/** Counts so far; those of the next call from `position` on are to be added. */
export type Counts = {
  /** By value; days are `2026-11-22`, hours `2026-11-22T09`, and `''` where the fact is not known. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  readonly position: Position;
  readonly more: boolean;
};

const quarter = 900_000;

/** Adds the rows of a segment to some counts. */
type Tally = (found: Found, counts: Map<string, number>) => void;

const add = (counts: Map<string, number>, label: string, n: number): void => {
  counts.set(label, (counts.get(label) ?? 0) + n);
};

/** A clock is changed at a quarter of an hour, if at all: a label is made once for each. */
const tallyTimes =
  (length: number, ahead: CountQuery['ahead']): Tally =>
  ({ segment, rows }, counts) => {
    const times = segment.times();
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
  ({ segment, rows }, counts) => {
    const { words, codes } = segment.words(column);
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
 * How many entries a filter means, by one of their facts. Rejects with `IndexInvalid`,
 * `IndexIncomplete` and `store-unavailable`.
 */
export const countEntries = async (query: CountQuery): Promise<Counts> => {
  const { segments: index, shards, filter, by, ahead, after, mostObjects } = query;
  if (mostObjects < 2) throw new RangeError('A count needs a summary and a segment.');
  const [budget, tally] = [budgetOf(mostObjects), tallyBy(by, ahead)];
  const counts = new Map<string, number>();
  const position: { readonly shard: number; readonly at: number }[] = [];
  let total = 0;
  let more = false;
  for (const reach of shards) {
    const leaves = remaining(reach, 'oldest', after);
    const walk = walkShard({ index, filter, order: 'oldest', budget }, reach.shard, leaves);
    let found = await walk.next();
    for (; typeof found !== 'string'; found = await walk.next()) {
      tally(found, counts);
      total += found.rows.length;
    }
    position.push({ shard: reach.shard, at: walk.at() });
    more ||= found === 'spent';
  }
  return { counts, total, position, more };
};
