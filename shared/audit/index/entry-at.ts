import type { EntryFacts, Place } from './entry-facts.ts';
import { IndexIncomplete } from './index-invalid.ts';
import type { OpenedIndex } from './opened-index.ts';
import { segmentWidth } from './segment-form.ts';

/** The row of a leaf among ascending ones; undefined where it is none of them. */
const rowOf = (indexes: Float64Array, leaf: number): number | undefined => {
  let [low, high] = [0, indexes.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((indexes[middle] ?? 0) < leaf) low = middle + 1;
    else high = middle;
  }
  return indexes[low] === leaf ? low : undefined;
};

/**
 * What the index knows of the inquiry at a place that it was fed to; undefined for a record. Rejects with
 * `IndexInvalid`, `IndexIncomplete` and `store-unavailable`.
 */
export const entryAt = async (
  index: OpenedIndex,
  { shard, index: leaf }: Place,
): Promise<EntryFacts | undefined> => {
  const n = Math.floor(leaf / segmentWidth);
  const segment = await index.segment(shard, n);
  if (segment === undefined || leaf >= n * segmentWidth + segment.width) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing or too short.`);
  }
  const row = rowOf(segment.indexes(), leaf);
  return row === undefined ? undefined : segment.facts(row);
};
