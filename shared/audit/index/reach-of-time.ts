import { bucketLength } from '../address.ts';
import type { OpenedIndex } from './opened-index.ts';
import { segmentWidth } from './segment-form.ts';
import { summaryWidth } from './summary.ts';
import type { Reach } from './walk.ts';

/** Leaves that one summary is about. */
const summedUp = segmentWidth * summaryWidth;

/** The latest time that a summary knows of; undefined where there is none, or it knows of no inquiry. */
const latestIn = async (
  index: OpenedIndex,
  shard: number,
  m: number,
): Promise<number | undefined> => {
  const summary = await index.summary(shard, m);
  const lasts = summary?.spans.flatMap(({ count, last }) => (count > 0 ? [last] : [])) ?? [];
  return lasts.length === 0 ? undefined : Math.max(...lasts);
};

/** The number of the first summary that reaches a time; `unknown`: whether one that knows nothing does. */
const firstReaching = async (
  index: OpenedIndex,
  { shard, size }: Reach,
  time: number,
  unknown: boolean,
): Promise<number> => {
  let [low, high] = [0, Math.ceil(size / summedUp)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const latest = await latestIn(index, shard, middle);
    if (latest === undefined ? unknown : latest >= time) high = middle;
    else low = middle + 1;
  }
  return low;
};

/**
 * The part of a reach in which inquiries of a time can stand: the log goes by time, but for what came
 * late, which stands behind its time by `lateness` milliseconds at most. A few summaries are read for
 * it, however long the log is.
 */
export const reachOfTime = async (
  index: OpenedIndex,
  reach: Reach,
  { from, to, lateness }: { readonly from: number; readonly to: number; readonly lateness: number },
): Promise<Reach> => {
  // Within a bucket the log has an order of its own.
  const first = await firstReaching(index, reach, from - bucketLength, true);
  const last = await firstReaching(index, reach, to + lateness, false);
  return {
    shard: reach.shard,
    from: Math.max(reach.from ?? 0, first * summedUp),
    size: Math.min(reach.size, (last + 1) * summedUp),
  };
};
