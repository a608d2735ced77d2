import { type Columns, columnsIn, columnsOf, joinedColumns } from './columns.ts';
import { encodeColumns } from './encode-segment.ts';
import type { EntryFacts } from './entry-facts.ts';
import { IndexIncomplete } from './index-invalid.ts';
import { encodePrints, openPrints } from './prints.ts';
import { openSegment, type Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import { printsKey, type SegmentSource, segmentKey, summaryKey } from './segment-source.ts';
import { encodeSummary, type SummaryCover, summaryWidth } from './summary.ts';
import { withoutTags } from './without-tags.ts';

/** An object of an index as it is to stand, and as it stood: for a put that meets nobody else's. */
export type IndexChange = {
  readonly key: string;
  readonly before: Uint8Array | undefined;
  readonly bytes: Uint8Array;
};

/** Leaves of a shard from `from` up to and without `to`. */
export type Leaves = { readonly shard: number; readonly from: number; readonly to: number };

type Changed = IndexChange & { readonly n: number };

const bare = ({ key, before, bytes }: Changed): IndexChange => ({ key, before, bytes });

/** The changed segments of each summary, opened. */
const bySummary = (changed: readonly Changed[]): ReadonlyMap<number, readonly Segment[]> => {
  const groups = Map.groupBy(changed, ({ n }) => Math.floor(n / summaryWidth));
  return new Map([...groups].map(([m, own]) => [m, own.map(({ bytes }) => openSegment(bytes))]));
};

const summaryChange = async (
  source: SegmentSource,
  cover: SummaryCover,
  segments: readonly Segment[],
): Promise<IndexChange> => {
  const before = await source.summary(cover.shard, cover.m);
  const bytes = encodeSummary(cover, segments, before);
  return { key: summaryKey(cover.shard, cover.m), before, bytes };
};

const printsChange = async (
  source: SegmentSource,
  cover: SummaryCover,
  segments: readonly Segment[],
): Promise<IndexChange> => {
  const before = await source.prints(cover.shard, cover.m);
  const bytes = encodePrints(cover, segments, before);
  return { key: printsKey(cover.shard, cover.m), before, bytes };
};

/** What a segment knows of leaves before `from`; all of them have to be there. */
const columnsBefore = (
  bytes: Uint8Array | undefined,
  { shard, n, from }: { readonly shard: number; readonly n: number; readonly from: number },
): Columns => {
  if (from <= n * segmentWidth) return columnsOf([]);
  const segment = bytes === undefined ? undefined : openSegment(bytes);
  if (segment === undefined || n * segmentWidth + segment.width < from) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing or too short.`);
  }
  return columnsIn(segment, from);
};

/**
 * The objects that change when an index that knows the leaves before `from` learns those up to `to`,
 * whose entries have these facts; segments come first, so that a summary never tells of what is not
 * there. The same leaves give the same bytes, in however many steps and however often. Rejects with
 * {@link IndexIncomplete} where leaves before `from` are missing, `IndexInvalid` and
 * `store-unavailable`; throws a RangeError for facts of other leaves.
 */
export const growIndex = async (
  source: SegmentSource,
  { shard, from, to }: Leaves,
  facts: readonly EntryFacts[],
): Promise<readonly IndexChange[]> => {
  if (!facts.every((one) => one.shard === shard && one.index >= from && one.index < to)) {
    throw new RangeError('These are not the facts of these leaves.');
  }
  const byPlace = Map.groupBy(facts, ({ index }) => Math.floor(index / segmentWidth));
  const changed: Changed[] = [];
  for (let n = Math.floor(from / segmentWidth); n * segmentWidth < to; n += 1) {
    const width = Math.min(segmentWidth, to - n * segmentWidth);
    const before = await source.segment(shard, n);
    const known = columnsBefore(before, { shard, n, from });
    const all = joinedColumns(known, columnsOf(byPlace.get(n) ?? []));
    const bytes = encodeColumns({ shard, n, width }, all);
    changed.push({ n, key: segmentKey(shard, n), before, bytes });
  }
  const besides: IndexChange[] = [];
  for (const [m, segments] of bySummary(changed)) {
    besides.push(await summaryChange(source, { shard, m }, segments));
    besides.push(await printsChange(source, { shard, m }, segments));
  }
  return [...changed.map(bare), ...besides];
};

/**
 * The objects that change when an index forgets what its entries at some leaves know of a person, as
 * `withoutTags` says. What the index does not know has nothing to forget. Idempotent: after a crash
 * between the puts the same call gives the rest again. Rejects as {@link growIndex} does.
 */
export const forgetTags = async (
  source: SegmentSource,
  shard: number,
  leaves: ReadonlySet<number>,
): Promise<readonly IndexChange[]> => {
  const changed: Changed[] = [];
  const places = new Set([...leaves].map((leaf) => Math.floor(leaf / segmentWidth)));
  for (const n of [...places].toSorted((a, b) => a - b)) {
    const before = await source.segment(shard, n);
    if (before === undefined) continue;
    changed.push({ n, key: segmentKey(shard, n), before, bytes: withoutTags(before, leaves) });
  }
  const prints: IndexChange[] = [];
  for (const [m, segments] of bySummary(changed)) {
    const before = await source.prints(shard, m);
    if (before === undefined) continue;
    const { widths } = openPrints(before);
    // One that stands and is not told of yet was put by a step that did not come to its end.
    const told = segments.filter(({ n }) => n - m * summaryWidth < widths.length);
    const bytes = encodePrints({ shard, m }, told, before);
    prints.push({ key: printsKey(shard, m), before, bytes });
  }
  return [...changed.map(bare), ...prints];
};
