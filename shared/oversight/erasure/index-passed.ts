import { bucketLength } from '../../audit/address.ts';
import type { LogHead } from '../../audit/log-head.ts';
import type { IndexMarks } from '../feeding/index-marks.ts';

/** How far logs and their index are. */
export type Passing = {
  readonly heads: Pick<LogHead, 'read'>;
  readonly marks: Pick<IndexMarks, 'read'>;
  readonly shards: number;
};

/**
 * Whether every inquiry whose id has an earlier time is in the index, but for those that come late: it
 * has a later one, or all of a log that is closed beyond that time. In a quiet hour only the second is
 * true.
 */
export const hasPassed = async (
  { heads, marks, shards }: Passing,
  time: number,
): Promise<boolean> => {
  for (let shard = 0; shard < shards; shard += 1) {
    // The head first: the index may only be further than it by then.
    const head = await heads.read(shard);
    const { size, until } = await marks.read(shard);
    const isClosed = head !== undefined && head.bucket * bucketLength >= time && size >= head.size;
    if (until < time && !isClosed) return false;
  }
  return true;
};
