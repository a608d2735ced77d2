import { bucketLength, bucketOf } from '../audit/address.ts';
import { isLate, type LeafStamp, stampOf } from '../audit/feed-index.ts';
import type { ObjectStore } from '../audit/ports.ts';
import { readLeaves } from '../audit/published-leaves.ts';
import { logFiles } from '../audit/sequence/log-files.ts';
import { tileWidth } from '../audit/tlog/tree.ts';
import { timeOf } from '../kernel/id.ts';
import type { IndexMark } from './feeding/index-marks.ts';

/**
 * The start of the bucket of the last of the first `count` leaves that came in its time, in
 * milliseconds; undefined when none did. `stamps` may hold one more, which may say that it is late.
 */
export const untilOf = (stamps: readonly LeafStamp[], count: number): number | undefined => {
  const last = stamps.slice(0, count).findLast((stamp, n) => {
    const { kind, id } = stamp;
    return id !== undefined && kind !== 'late' && !isLate(stamp, stamps[n + 1]);
  });
  return last?.id === undefined ? undefined : bucketOf(timeOf(last.id)) * bucketLength;
};

/**
 * The mark of an index that knows the first `size` leaves of a log, of `published` ones. Rejects with
 * `FeedStopped` and `store-unavailable`.
 */
export const markAt = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
  { size, published }: { readonly size: number; readonly published: number },
): Promise<IndexMark> => {
  const files = logFiles(objects, shard);
  for (let to = size; to > 0; ) {
    const from = Math.floor((to - 1) / tileWidth) * tileWidth;
    const range = { from, to: Math.min(published, to + 1) };
    const stamps = await readLeaves(files, { shard, size: published }, range, stampOf);
    const until = untilOf(stamps, to - from);
    if (until !== undefined) return { size, until };
    to = from;
  }
  return { size, until: 0 };
};
