import { type LeafStamp, stampOf } from '../../audit/feed-index.ts';
import { type EntryFacts, factsOfLeaf } from '../../audit/index/entry-facts.ts';
import type { ByteRange, ObjectStore } from '../../audit/ports.ts';
import { readLeaves } from '../../audit/published-leaves.ts';
import { logFiles } from '../../audit/sequence/log-files.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { ProvinceThen } from '../feeding/province-then.ts';
import { lateIn, untilOf } from '../timely.ts';
import { type OpenedEntry, type Opening, openBundle } from './open-bundle.ts';

export type Gathering = Opening & {
  /** The published log. */
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly province: ProvinceThen;
};

/** Leaves of a log from one up to and without another, of `size` that are published. */
export type Stretch = {
  readonly shard: number;
  readonly size: number;
  readonly from: number;
  readonly to: number;
};

export type Gathered = {
  readonly entries: readonly OpenedEntry[];
  /** Where the leaf of an index is in the bytes of its bundle. */
  readonly places: ReadonlyMap<number, ByteRange>;
  /** The start of the bucket of the last leaf that came in its time, in milliseconds, if any did. */
  readonly until: number | undefined;
  /** By how much one of them stands behind its time, at most, in a log that had come to a time. */
  readonly lateBehind: (until: number) => number;
};

/** Bundles that are opened, and counters that are looked up, at once. */
const atOnce = 4;
const countersAtOnce = 32;

type Leaf = {
  readonly stamp: LeafStamp;
  readonly facts: EntryFacts | undefined;
  readonly place: ByteRange;
};

const readLeaf =
  (shard: number) =>
  (data: Uint8Array, index: number, place: ByteRange): Leaf => {
    const facts = factsOfLeaf(data, { shard, index });
    if (facts === undefined) return { stamp: stampOf(data), facts, place };
    return { stamp: { kind: 'i', id: InquiryId.parse(facts.id) }, facts, place };
  };

/** Looks a counter's first and last time up before those between, which then mostly need no look. */
const outsideIn = <Item>(items: readonly Item[]): readonly Item[] => [
  ...items.slice(0, 1),
  ...items.slice(1).toReversed(),
];

const withProvinces = async (
  entries: readonly EntryFacts[],
  province: ProvinceThen,
): Promise<readonly EntryFacts[]> => {
  const counters = [...Map.groupBy(entries, ({ counter }) => counter)];
  const found = new Map<number, string | undefined>();
  await inChunks(countersAtOnce, counters, async ([counter, own]) => {
    const times = own.toSorted((a, b) => a.t - b.t);
    for (const { t, index } of outsideIn(times)) found.set(index, await province(counter, t));
  });
  return entries.map((facts) => {
    const named = found.get(facts.index);
    return named === undefined ? facts : { ...facts, province: named };
  });
};

/**
 * All that is known of the inquiries in a stretch of the published log, in its order, with what their
 * disclosures say; these are in the vault, durably once it resolves. Rejects with `FeedStopped` at a
 * bundle or a leaf that cannot be read, and with `store-unavailable`.
 */
export const gatherEntries =
  (parts: Gathering) =>
  async ({ shard, size, from, to }: Stretch): Promise<Gathered> => {
    const files = logFiles(parts.objects, shard);
    // One more than is wanted: the leaf behind the last may say that it is late.
    const range = { from, to: Math.min(size, to + 1) };
    const leaves = await readLeaves(files, { shard, size }, range, readLeaf(shard));
    const stamps = leaves.map(({ stamp }) => stamp);
    const said = leaves.slice(0, to - from).flatMap(({ facts }) => facts ?? []);
    const placed = await withProvinces(said, parts.province);
    const bundles = [...Map.groupBy(placed, ({ index }) => Math.floor(index / tileWidth))];
    const open = openBundle(parts);
    const opened = await inChunks(atOnce, bundles, ([bundle, entries]) =>
      open({ shard, bundle }, entries),
    );
    const places = new Map(leaves.map(({ place }, n) => [from + n, place]));
    return {
      entries: opened.flat(),
      places,
      until: untilOf(stamps, to - from),
      lateBehind: (until) => lateIn(stamps, to - from, until),
    };
  };
