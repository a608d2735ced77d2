import { segmentWidth } from '../../audit/index/segment-form.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { markAt } from '../timely.ts';
import { type IndexMarks, lateOf, withLate } from './index-marks.ts';

/**
 * Sets the index of a log back to the segment of a leaf, unless it stands there or before: what feeds it
 * makes it again from the log, over whatever stands. Rejects with `FeedStopped` and `store-unavailable`.
 */
export const setIndexBack = async (
  { objects, marks }: { readonly objects: Pick<ObjectStore, 'get'>; readonly marks: IndexMarks },
  shard: number,
  { from, published }: { readonly from: number; readonly published: number },
): Promise<void> => {
  const size = Math.floor(from / segmentWidth) * segmentWidth;
  const next = await markAt(objects, shard, { size, published });
  for (let mark = await marks.read(shard); mark.size > size; ) {
    // What is in it already may be as late as ever.
    const answer = await marks.swap(shard, mark, withLate(next, lateOf(mark)));
    if (answer === 'written') return;
    mark = answer.standing;
  }
};
