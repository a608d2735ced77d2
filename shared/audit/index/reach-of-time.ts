import { bucketLength } from '../address.ts';
import type { OpenedIndex } from './opened-index.ts';
import { segmentWidth } from './segment-form.ts';
import { summaryWidth } from './summary.ts';
import type { Reach } from './walk.ts';

/** Leaves that one summary is about. */
const summedUp = segmentWidth * summaryWidth;

/**
 * The latest time in a summary; undefined where there is none, where it knows of no inquiry, or where it
 * knows fewer leaves than the reach has: so does one that is made again.
 */
const latestIn = async (
  index: OpenedIndex,
  { shard, size }: Reach,
  m: number,
): Promise<number | undefined> => {
  const spans = (await index.summary(shard, m))?.spans ?? [];
  const left = size - m * summedUp;
  const own = Array.from({ length: Math.min(summaryWidth, Math.ceil(left / segmentWidth)) });
  const isWhole = own.every((_, place) => {
    const width = Math.min(segmentWidth, left - place * segmentWidth);
    return (spans[place]?.width ?? 0) >= width;
  });
  const lasts = spans.flatMap(({ count, last }) => (count > 0 ? [last] : []));
  return isWhole && lasts.length > 0 ? Math.max(...lasts) : undefined;
};

/** The number of the first summary that reaches a time; `unknown`: whether one that knows nothing does. */
const firstReaching = async (
  index: OpenedIndex,
  reach: Reach,
  time: number,
  unknown: boolean,
): Promise<number> => {
  let [low, high] = [0, Math.ceil(reach.size / summedUp)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const latest = await latestIn(index, reach, middle);
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
    // Where none reaches it, at its end: what goes on from there is at a leaf that the index knows.
    from: Math.max(reach.from ?? 0, Math.min(reach.size, first * summedUp)),
    size: Math.min(reach.size, (last + 1) * summedUp),
  };
};
