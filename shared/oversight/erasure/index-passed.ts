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

/**
 * How long each log is once it was looked through for the last time for what came late from before a
 * time: nothing of then comes behind that. Undefined while the look is not there yet, which follows the
 * clock in its own steps: behind a pause of the log it is far behind what is sealed.
 */
export const endsOfLastLook = async (
  { heads, shards }: Pick<Passing, 'heads' | 'shards'>,
  time: number,
): Promise<readonly number[] | undefined> => {
  const ends: number[] = [];
  for (let shard = 0; shard < shards; shard += 1) {
    const head = await heads.read(shard);
    if (head === undefined || head.again[1] * bucketLength < time) return undefined;
    ends.push(head.size);
  }
  return ends;
};

/** Whether the index knows so many leaves of each log. */
export const knowsUntil = async (
  { marks }: Pick<Passing, 'marks'>,
  ends: readonly number[],
): Promise<boolean> => {
  for (const [shard, end] of ends.entries()) {
    if ((await marks.read(shard)).size < end) return false;
  }
  return true;
};
