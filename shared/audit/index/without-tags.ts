import { columnsIn, withoutPersons } from './columns.ts';
import { encodeColumns } from './encode-segment.ts';
import type { EntryFacts } from './entry-facts.ts';
import { openSegment, type Segment } from './segment.ts';

/** All facts of a segment, in the order of the log. */
export const factsIn = (segment: Segment): readonly EntryFacts[] =>
  Array.from({ length: segment.count }, (_, row) => segment.facts(row));

/**
 * A segment again, without what its entries at some leaf indexes know of a person: the tags of subject
 * and operator, and whether there was a case. Leaves that are not in it change nothing. Throws
 * `IndexInvalid`.
 */
export const withoutTags = (bytes: Uint8Array, leaves: ReadonlySet<number>): Uint8Array => {
  const segment = openSegment(bytes);
  const { shard, n, width } = segment;
  const columns = columnsIn(segment, Number.POSITIVE_INFINITY);
  return encodeColumns({ shard, n, width }, withoutPersons(columns, leaves));
};
