import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { timedCache } from '../kernel/timed-cache.ts';
import type { LogStatus, LogStatusReader } from './log-status.ts';

/** Milliseconds that a status is remembered; it is judged by the time that goes on meanwhile. */
export const statusCacheTime = 15_000;

/** More shards than there are: none of them is ever unknown. */
const maxShards = 64;

const unreadable = (cause: Problem): Problem => {
  const said = 'The state of the log cannot be read; nothing was kept and nothing sent on.';
  return new Problem('store-unavailable', said, { retryAfter: 2 }, { cause });
};

/**
 * Remembers the status of each log for a while, and the last one for as long as no other can be
 * read: the clock goes on, so a log that nobody can look at comes to its limits all the same.
 */
export const cachedLogStatus = (reader: LogStatusReader, now: Clock): LogStatusReader => {
  const lastKnown = new Map<string, LogStatus>();
  const load = async (shard: string): Promise<LogStatus> => {
    try {
      const status = await reader.read(Number(shard));
      lastKnown.set(shard, status);
      return status;
    } catch (error) {
      const known = lastKnown.get(shard);
      if (known !== undefined) return known;
      throw error instanceof Problem ? unreadable(error) : error;
    }
  };
  const cached = timedCache({
    load,
    now,
    ttl: statusCacheTime,
    max: maxShards,
    absentTtl: 0,
    maxAbsent: 0,
    misses: { perSecond: maxShards, burst: maxShards },
  });
  return { read: (shard) => cached(String(shard)) };
};
