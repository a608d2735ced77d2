import { bucketLength, bucketOf } from '../audit/address.ts';
import { isLate, type LeafStamp, stampOf } from '../audit/feed-index.ts';
import type { ObjectStore } from '../audit/ports.ts';
import { readLeaves } from '../audit/published-leaves.ts';
import { logFiles } from '../audit/sequence/log-files.ts';
import { tileWidth } from '../audit/tlog/tree.ts';
import { type InquiryId, timeOf } from '../kernel/id.ts';
import type { IndexMark } from './feeding/index-marks.ts';

const startOf = (id: InquiryId): number => bucketOf(timeOf(id)) * bucketLength;

/** Of the first `count` leaves those that are of a time, in their order, and whether each came late. */
const timedOf = (
  stamps: readonly LeafStamp[],
  count: number,
): readonly { readonly start: number; readonly late: boolean }[] =>
  stamps.slice(0, count).flatMap((stamp, n) => {
    const { kind, id } = stamp;
    if (id === undefined || kind === 'late') return [];
    return [{ start: startOf(id), late: isLate(stamp, stamps[n + 1]) }];
  });

/**
 * The start of the bucket of the last of the first `count` leaves that came in its time, in
 * milliseconds; undefined when none did. `stamps` may hold one more, which may say that it is late.
 */
export const untilOf = (stamps: readonly LeafStamp[], count: number): number | undefined => {
  return timedOf(stamps, count).findLast(({ late }) => !late)?.start;
};

/**
 * The most, in milliseconds and whole buckets, by which one of the first `count` leaves stands behind its
 * time, in a log that had come to `until`.
 */
export const lateIn = (stamps: readonly LeafStamp[], count: number, until: number): number => {
  let [latest, most] = [until, 0];
  for (const { start } of timedOf(stamps, count)) {
    most = Math.max(most, latest - start);
    latest = Math.max(latest, start);
  }
  return most;
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
