import { packBlocks } from './blocks.ts';
import { type Columns, columnsOf } from './columns.ts';
import type { EntryFacts } from './entry-facts.ts';
import { packInts } from './ints.ts';
import { type Cover, segmentWidth } from './segment-form.ts';
import { packTags } from './tags.ts';
import { packWords } from './words.ts';

/** Leaves that are no entries before each entry; they never become fewer. */
const skippedOf = ({ n, width }: Cover, indexes: Float64Array): Float64Array => {
  const first = n * segmentWidth;
  let next = first;
  return indexes.map((index, row) => {
    if (index < next || index >= first + width) {
      throw new RangeError('An entry does not stand in this segment, or not in this order.');
    }
    next = index + 1;
    return index - first - row;
  });
};

/**
 * Entries among the first `width` leaves of a segment as its bytes: the same entries give the same.
 * Throws a RangeError for what does not fit.
 */
export const encodeColumns = (cover: Cover, columns: Columns): Uint8Array => {
  const { shard, n, width } = cover;
  const { indexes, times, ids, seq, ms, answer, cases, tags } = columns;
  if (width < 1 || width > segmentWidth) throw new RangeError('A segment has another width.');
  const words = [...columns.words.values()].map(packWords);
  return packBlocks('segment', [
    packInts([shard, n, width, indexes.length, ...words.map(({ count }) => count)]),
    packInts(skippedOf(cover, indexes)),
    packInts(times),
    ids,
    packInts(seq),
    packInts(ms),
    packInts(answer),
    packInts(cases),
    ...packTags(tags.subjectTag),
    ...packTags(tags.operatorTag),
    ...words.flatMap(({ blocks }) => blocks),
  ]);
};

/**
 * The facts of the entries among the first `width` leaves of a segment, in the order of the log, as
 * columns. Throws a RangeError for facts that are not of it.
 */
export const encodeSegment = (cover: Cover, facts: readonly EntryFacts[]): Uint8Array => {
  if (!facts.every(({ shard }) => shard === cover.shard)) {
    throw new RangeError('An entry is of another log than its segment.');
  }
  return encodeColumns(cover, columnsOf(facts));
};
