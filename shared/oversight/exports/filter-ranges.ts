import { bucketOf } from '../../audit/address.ts';
import { findEntries, type Position } from '../../audit/index/query.ts';
import { type LogFiles, readBundle } from '../../audit/sequence/log-files.ts';
import { leafStamp, logSearch } from '../../audit/sequence/search.ts';
import { tileWidth, widthIn } from '../../audit/tlog/tree.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import {
  type IndexReading,
  indexUnavailable,
  objectsPerCall,
  overIndex,
} from '../entries/index-edge.ts';

/**
 * Milliseconds behind the end of a filter whose leaves are looked at too: the censuses that count what
 * it is of are taken within the hour, and nearly all that comes late is there by then.
 */
export const settleTime = 75 * 60_000;

/** Leaves that the index does not know yet and that are looked at one by one. */
const mostUnknown = 65_536;

/** From ≤ the time inside the id < to, in milliseconds; without them, of any time. */
export type Times = { readonly from?: number | undefined; readonly to?: number | undefined };

type Leaves = { readonly from: number; readonly to: number };

/** A log that is looked at up to a size. */
type Looked = { readonly shard: number; readonly size: number; readonly files: LogFiles };

/** The whole bundles in which the leaves of some time stand that did not come late. */
export const leavesInTime = async (
  { files, size }: Pick<Looked, 'files' | 'size'>,
  { from, to }: Times,
): Promise<Leaves> => {
  const search = logSearch(files, size);
  const last = Math.ceil(size / tileWidth) - 1;
  const first = from === undefined ? 0 : Math.min(last, await search.bundleOf(bucketOf(from)));
  const end = to === undefined ? last : await search.bundleOf(bucketOf(to - 1 + settleTime) + 1);
  return { from: first * tileWidth, to: Math.min(size, (Math.max(first, end) + 1) * tileWidth) };
};

/** Where the last leaf of some time stands that the index knows of, from a leaf on. */
const lastKnown = async (
  { index, shards }: Pick<IndexReading, 'index' | 'shards'>,
  { shard, size, from }: { readonly shard: number; readonly size: number; readonly from: number },
  { from: since, to: until }: Times,
): Promise<number | undefined> => {
  const filter = {
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  };
  const asked = {
    segments: index,
    shards: [{ shard, size, from }],
    filter,
    order: 'newest' as const,
    limit: 1,
    mostObjects: objectsPerCall(shards),
  };
  let after: Position | undefined;
  for (;;) {
    const page = await findEntries({ ...asked, ...(after !== undefined && { after }) });
    const [found] = page.entries;
    if (found !== undefined) return found.index;
    if (!page.more) return undefined;
    after = page.position;
  }
};

const isOf = (data: Uint8Array, { from = 0, to = Number.POSITIVE_INFINITY }: Times): boolean => {
  const { kind, id } = leafStamp(data);
  const parsed = kind === 'i' ? InquiryId.safeParse(id).data : undefined;
  return parsed !== undefined && timeOf(parsed) >= from && timeOf(parsed) < to;
};

/** Where the last leaf of some time stands among those that the index does not know yet. */
const lastUnknown = async (
  { files, size }: Looked,
  from: number,
  times: Times,
): Promise<number | undefined> => {
  if (size - from > mostUnknown) throw indexUnavailable('The index is too far behind the log.');
  for (let bundle = Math.ceil(size / tileWidth) - 1; bundle * tileWidth + tileWidth > from; ) {
    const leaves = await readBundle(files, bundle, widthIn(size, 0, bundle));
    const at = leaves.findLastIndex(
      (data, n) => bundle * tileWidth + n >= from && isOf(data, times),
    );
    if (at >= 0) return bundle * tileWidth + at;
    bundle -= 1;
  }
  return undefined;
};

/**
 * The leaves of a log in which every inquiry of some time stands, those too that came late; whole
 * bundles. `index-unavailable` while it cannot be told where the last of them stands.
 */
export const rangeInTime = async (
  reading: IndexReading,
  log: Looked,
  times: Times,
): Promise<Leaves> => {
  const usual = await leavesInTime(log, times);
  if (usual.to === log.size || times.to === undefined) return usual;
  const known = Math.min(log.size, (await reading.marks.read(log.shard)).size);
  const late =
    (await lastUnknown(log, Math.max(known, usual.to), times)) ??
    (known <= usual.to
      ? undefined
      : await overIndex(() =>
          lastKnown(reading, { shard: log.shard, size: known, from: usual.to }, times),
        ));
  if (late === undefined) return usual;
  return { ...usual, to: Math.min(log.size, (Math.floor(late / tileWidth) + 1) * tileWidth) };
};
