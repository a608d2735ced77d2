import { growIndex, type IndexChange } from '../../audit/index/change-index.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexIncomplete, IndexInvalid } from '../../audit/index/index-invalid.ts';
import { openPrints } from '../../audit/index/prints.ts';
import { openSegment } from '../../audit/index/segment.ts';
import { segmentWidth } from '../../audit/index/segment-form.ts';
import {
  printsKey,
  segmentKey,
  storedSegments,
  summaryKey,
} from '../../audit/index/segment-source.ts';
import { openSummary, summaryWidth } from '../../audit/index/summary.ts';
import type { ObjectStore } from '../../audit/ports.ts';

/** Leaves that one summary is about. */
export const summaryLeaves = segmentWidth * summaryWidth;

/** The objects of the index that change with the leaf at `from`, as they stood when they were read. */
export type IndexObjects = {
  readonly shard: number;
  readonly from: number;
  readonly segment: Uint8Array | undefined;
  readonly summary: Uint8Array | undefined;
  readonly prints: Uint8Array | undefined;
};

type Objects = Pick<ObjectStore, 'get' | 'replace'>;

const placesOf = ({ shard, from }: Pick<IndexObjects, 'shard' | 'from'>) => {
  const n = Math.floor(from / segmentWidth);
  return { shard, n, m: Math.floor(n / summaryWidth), place: n % summaryWidth };
};

/** Reads them; rejects with `store-unavailable`. */
export const readIndexObjects = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
  from: number,
): Promise<IndexObjects> => {
  const stored = storedSegments(objects);
  const { n, m } = placesOf({ shard, from });
  const [segment, summary, prints] = await Promise.all([
    stored.segment(shard, n),
    stored.summary(shard, m),
    stored.prints(shard, m),
  ]);
  return { shard, from, segment, summary, prints };
};

/** Whether objects know all that lies before `from` of what they are about. */
const knowWhatIsBefore = (standing: IndexObjects): boolean => {
  const { from, segment, summary, prints } = standing;
  const { shard, n, m, place } = placesOf(standing);
  if (place > 0) {
    if (summary === undefined || prints === undefined) return false;
    const [told, tags] = [openSummary(summary), openPrints(prints)];
    if (told.spans.length < place || tags.widths.length < place) return false;
    if (![told, tags].every((one) => one.shard === shard && one.m === m)) return false;
  }
  const leaves = from % segmentWidth;
  if (leaves === 0) return true;
  const known = segment === undefined ? undefined : openSegment(segment);
  return known?.shard === shard && known.n === n && known.width >= leaves;
};

/**
 * What changes when the index learns the leaves up to `to`, of the segment that `from` is in: `broken`
 * where what should be known before is not there or cannot be read. At the first leaf that an object is
 * about it is made anew, whatever stands.
 */
export const changesOf = async (
  standing: IndexObjects,
  to: number,
  facts: readonly EntryFacts[],
): Promise<readonly IndexChange[] | 'broken'> => {
  const { shard, from, segment, summary, prints } = standing;
  const { n, m } = placesOf(standing);
  const known = (bytes: Uint8Array | undefined) =>
    Promise.resolve(from % summaryLeaves === 0 ? undefined : bytes);
  const stood = new Map([
    [segmentKey(shard, n), segment],
    [summaryKey(shard, m), summary],
    [printsKey(shard, m), prints],
  ]);
  try {
    if (!knowWhatIsBefore(standing)) return 'broken';
    const source = {
      segment: () => Promise.resolve(segment),
      summary: () => known(summary),
      prints: () => known(prints),
    };
    const changes = await growIndex(source, { shard, from, to }, facts);
    return changes.map(({ key, bytes }) => ({ key, before: stood.get(key), bytes }));
  } catch (error) {
    if (error instanceof IndexInvalid || error instanceof IndexIncomplete) return 'broken';
    throw error;
  }
};

/**
 * Puts what changes, each where the object stands that it was made of, durably once it resolves:
 * `overtaken` at the first in whose place somebody has put another. Rejects with `store-unavailable`.
 */
export const putChanges = async (
  { replace }: Pick<Objects, 'replace'>,
  changes: readonly IndexChange[],
): Promise<'written' | 'overtaken'> => {
  for (const { key, before, bytes } of changes) {
    if ((await replace(key, before, bytes)) !== 'written') return 'overtaken';
  }
  return 'written';
};
