import { bucketLength, bucketOf, periodOf } from '../../audit/address.ts';
import { latestTime } from '../../audit/index/entry-facts.ts';
import type { EntryFilter } from '../../audit/index/filter.ts';
import { IndexIncomplete, IndexInvalid } from '../../audit/index/index-invalid.ts';
import type { OpenedIndex } from '../../audit/index/opened-index.ts';
import { reachOfTime } from '../../audit/index/reach-of-time.ts';
import { objectsOfStep, type Reach } from '../../audit/index/walk.ts';
import type { JournalStore } from '../../audit/ports.ts';
import { keptDays } from '../../inquiry/meter-store.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import { type IndexMarks, lateOf } from '../feeding/index-marks.ts';

/** The index of entries, and how far it is fed. */
export type IndexReading = {
  readonly index: OpenedIndex;
  readonly marks: Pick<IndexMarks, 'read'>;
  readonly shards: number;
};

/** How far the index knows the logs. */
export type Edge = {
  /**
   * Inquiries whose id has an earlier time are in the index, but for those that came late since; in
   * milliseconds since 1970.
   */
  readonly until: number;
  /** The leaves that it knows of each log. */
  readonly reaches: readonly TimedReach[];
};

/** A log as the index knows it; `late`: how far an entry may stand behind its time, in milliseconds. */
export type TimedReach = Reach & { readonly late: number };

/** What one call may ask of the index: objects, kept ones too. */
export const objectsPerCall = (shards: number): number => Math.max(64, objectsOfStep * shards);

/** Seconds after which a caller may come back: what failed may mend itself in one, and be made again in the other. */
const soon = 10;
const later = 60;

/** Milliseconds that an inquiry may be under way into the index before that counts as behind. */
const usualLag = 15 * 60_000;

/** Milliseconds for which the journal surely keeps what stands in it. */
export const journalReach = (keptDays - 1) * 86_400_000;

/** Of a log whose entries nobody counted how late they are. */
const anywhere = Number.POSITIVE_INFINITY;

/** Rejects with `store-unavailable`. */
export const readEdge = async ({ marks, shards }: IndexReading): Promise<Edge> => {
  const all = await Promise.all(
    Array.from({ length: shards }, async (_, shard) => ({ shard, ...(await marks.read(shard)) })),
  );
  return {
    until: Math.min(...all.map(({ until }) => until)),
    reaches: all
      .filter(({ size }) => size > 0)
      .map((mark) => ({
        shard: mark.shard,
        size: mark.size,
        late: (lateOf(mark) ?? anywhere) + bucketLength,
      })),
  };
};

/**
 * The parts of the logs in which inquiries of a time can stand. A few objects of the index are read for
 * it, however long the logs are. Rejects with `IndexInvalid` and `store-unavailable`.
 */
export const reachesOfTime = (
  index: OpenedIndex,
  reaches: readonly TimedReach[],
  { from = 0, to = latestTime }: Pick<EntryFilter, 'from' | 'to'>,
): Promise<readonly Reach[]> =>
  Promise.all(
    reaches.map(({ late, ...reach }) => reachOfTime(index, reach, { from, to, lateness: late })),
  );

/** That what is asked cannot be told now without leaving entries out. */
export const indexUnavailable = (detail: string, cause?: unknown): Problem =>
  new Problem('index-unavailable', detail, { retryAfter: later }, { cause });

/** Does what reads the index; `index-unavailable` where an object of it is missing or not right. */
export const overIndex = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof IndexInvalid || cause instanceof IndexIncomplete)) throw cause;
    const said = 'A part of the index is missing or not right; nothing is shown without it.';
    throw new Problem('index-unavailable', said, { retryAfter: soon }, { cause });
  }
};

const periodAt = (time: number): number => periodOf(bucketOf(time));

/**
 * For what is answered by the index alone: `index-unavailable` where the journal holds something that
 * was asked before `to` and should have come into the index some time ago.
 */
export const demandFresh = async (
  { journal, now }: { readonly journal: Pick<JournalStore, 'periods'>; readonly now: Clock },
  { until }: Pick<Edge, 'until'>,
  to: number,
): Promise<void> => {
  const first = Math.max(periodAt(until) + 1, periodAt(now() - journalReach));
  const end = Math.min(periodAt(to - 1) + 1, periodAt(now() - usualLag));
  const missing = first < end ? await journal.periods(first, end) : [];
  if (missing.length > 0) throw indexUnavailable('The index is too far behind the journal.');
};
