import { bucketLength, bucketOf } from '../../audit/address.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import { logFiles, readBundle } from '../../audit/sequence/log-files.ts';
import { leafStamp } from '../../audit/sequence/search.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { Clock } from '../../kernel/clock.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { IndexMarks } from '../feeding/index-marks.ts';

/**
 * The time that is covered, in milliseconds: what was asked at or after `from` and before `to`. Nothing
 * is covered where `to` is not behind `from`; before it where the index was not fed yet. The logs begin
 * at `begins`: what is older than it is kept may still be known, where it is held.
 */
export type Coverage = { readonly begins: number; readonly from: number; readonly to: number };

type CoverageParts = {
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly marks: Pick<IndexMarks, 'read'>;
  readonly shards: number;
  /** Milliseconds for which it is known whom an inquiry was about. */
  readonly retention: number;
  readonly now: Clock;
};

/** The time inside the id of a leaf; undefined for one that has none. */
const timeIn = (leaf: Uint8Array): number | undefined => {
  const id = InquiryId.safeParse(leafStamp(leaf).id).data;
  return id === undefined ? undefined : timeOf(id);
};

/** When a log begins: with the bucket of its first entry, for buckets stand in their order. */
const startOf = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
): Promise<number | undefined> => {
  const width = Math.min(tileWidth, await publishedSize(objects, shard));
  if (width === 0) return undefined;
  const leaves = await readBundle(logFiles(objects, shard), 0, width);
  const [first] = leaves.flatMap((leaf) => timeIn(leaf) ?? []);
  return first === undefined ? undefined : bucketOf(first) * bucketLength;
};

/**
 * From where the logs begin, or what is older is not kept, to where the index of persons knows them all; undefined before there is a
 * log. A beginning never changes, so it is read once. Rejects with `store-unavailable`.
 */
export const coverageReader = ({
  objects,
  marks,
  shards,
  retention,
  now,
}: CoverageParts): (() => Promise<Coverage | undefined>) => {
  const all = Array.from({ length: shards }, (_, shard) => shard);
  const starts = new Map<number, number>();
  const beginning = async (shard: number): Promise<number> => {
    const start = starts.get(shard) ?? (await startOf(objects, shard));
    if (start === undefined) return Number.POSITIVE_INFINITY;
    starts.set(shard, start);
    return start;
  };
  return async () => {
    const [from, until] = await Promise.all([
      Promise.all(all.map(beginning)),
      Promise.all(all.map(async (shard) => (await marks.read(shard)).until)),
    ]);
    const begins = Math.min(...from);
    if (!Number.isFinite(begins)) return undefined;
    return { begins, from: Math.max(begins, now() - retention), to: Math.min(...until) };
  };
};
