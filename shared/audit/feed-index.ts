import { InquiryId } from '../kernel/id.ts';
import { addressOf, type Layout } from './address.ts';
import type { LateEntry, LogIndex, Places, Range } from './log-index.ts';
import type { ObjectStore } from './ports.ts';
import { publishedSize, readLeaves } from './published-leaves.ts';
import { logFiles } from './sequence/log-files.ts';
import { leafStamp } from './sequence/search.ts';
import { tileWidth } from './tlog/tree.ts';

export type Feeding = {
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly index: Pick<LogIndex, 'advance' | 'fed' | 'put'>;
  readonly layout: Layout;
};

/** How far an index is: of `size` published leaves, the places of the first `fed` are held. */
export type Fed = { readonly size: number; readonly fed: number; readonly more: boolean };

/** Bundles read in one step: 4,096 entries. */
const bundlesAtOnce = 16;

/** What of a leaf decides its place; a setting has no id. */
export type LeafStamp = { readonly kind: string; readonly id: InquiryId | undefined };

/** Throws for a leaf without a kind, and for an id that no entry has. */
export const stampOf = (data: Uint8Array): LeafStamp => {
  const { kind, id } = leafStamp(data);
  return { kind, id: id === '' ? undefined : InquiryId.parse(id) };
};

/** Whether the leaf behind an entry says that it came late. */
export const isLate = ({ id }: LeafStamp, next: LeafStamp | undefined): boolean =>
  next?.kind === 'late' && next.id === id;

/**
 * The places of leaves that stand in the log from `start` on. `next` follows the last of them: an
 * entry is late when the leaf behind it says so.
 */
export const placesOf = (
  stamps: readonly LeafStamp[],
  { start, next }: { readonly start: number; readonly next: LeafStamp | undefined },
  layout: Layout,
): Places => {
  const ranges: Range[] = [];
  const late: LateEntry[] = [];
  stamps.forEach((stamp, n) => {
    const { kind, id } = stamp;
    // The notice that the leaf before it came late has no place of its own.
    if (kind === 'late' || id === undefined) return;
    const index = start + n;
    const { bucket, slot } = addressOf(id, layout);
    if (isLate(stamp, stamps[n + 1] ?? next)) {
      late.push({ id, bucket, slot, index });
      return;
    }
    const open = ranges.at(-1);
    const follows = open !== undefined && open.start + open.count === index;
    if (follows && open.bucket === bucket && open.slot === slot) {
      ranges[ranges.length - 1] = { ...open, count: open.count + 1 };
    } else {
      ranges.push({ bucket, slot, start: index, count: 1 });
    }
  });
  return { ranges, late };
};

/**
 * Feeds the index from the published log of a shard; each call takes one step. Places are put before
 * it is told how far they come, so that a crash in between puts them again. An index that is told
 * that it is fed nothing is made anew from the log. Rejects with {@link FeedStopped} at a bundle or a
 * checkpoint that cannot be read, and with `store-unavailable`.
 */
export const feedIndex = (
  { objects, index, layout }: Feeding,
  shard: number,
): (() => Promise<Fed>) => {
  const files = logFiles(objects, shard);
  return async () => {
    const size = await publishedSize(objects, shard);
    const from = await index.fed(shard);
    if (from >= size) return { size, fed: from, more: false };
    const to = Math.min(size, (Math.floor(from / tileWidth) + bundlesAtOnce) * tileWidth);
    // One more than is placed: the leaf behind the last may say that it is late.
    const stamps = await readLeaves(
      files,
      { shard, size },
      { from, to: Math.min(size, to + 1) },
      stampOf,
    );
    const placed = stamps.slice(0, to - from);
    const places = placesOf(placed, { start: from, next: stamps[placed.length] }, layout);
    await index.put(shard, places);
    await index.advance(shard, to);
    return { size, fed: to, more: to < size };
  };
};
