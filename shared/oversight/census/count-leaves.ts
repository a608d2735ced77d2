import { type Census, censusFrom, takeCensus } from '../../audit/census/census.ts';
import { countEntries } from '../../audit/index/count.ts';
import { IndexIncomplete, IndexInvalid } from '../../audit/index/index-invalid.ts';
import { openedIndex } from '../../audit/index/opened-index.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { readLeaves } from '../../audit/published-leaves.ts';
import { logFiles } from '../../audit/sequence/log-files.ts';
import type { Clock } from '../../kernel/clock.ts';

/** Leaves of a log, from one up to and without another. */
export type Counted = { readonly shard: number; readonly from: number; readonly to: number };

/**
 * The census of leaves of the published log, of `size` leaves, from the leaves themselves. Rejects with
 * `FeedStopped` at a bundle that cannot be read, and with `store-unavailable`.
 */
export const countLeaves = async (
  objects: Pick<ObjectStore, 'get'>,
  size: number,
  { shard, from, to }: Counted,
): Promise<Census> => {
  const { add, read } = takeCensus();
  await readLeaves(logFiles(objects, shard), { shard, size }, { from, to }, add);
  return read();
};

/** Objects that are asked for in one call of a count. */
const objectsAtOnce = 64;

const merge = (into: Map<string, number>, from: ReadonlyMap<string, number>): void => {
  for (const [key, count] of from) into.set(key, (into.get(key) ?? 0) + count);
};

/**
 * What the index says of the same leaves, as a census: undefined where it cannot say, because it is not
 * what it should be. It has to know the leaves up to `to`. Rejects with `store-unavailable`.
 */
export const countIndex = async (
  { derived, now }: { readonly derived: Pick<ObjectStore, 'get'>; readonly now: Clock },
  { shard, from, to }: Counted,
): Promise<Census | undefined> => {
  const segments = openedIndex(storedSegments(derived), { segments: 1, summaries: 1 }, now);
  const by = ['agency', 'counter', 'outcome', 'service'] as const;
  const tables = {
    agency: new Map<string, number>(),
    counter: new Map<string, number>(),
    outcome: new Map<string, number>(),
    service: new Map<string, number>(),
  };
  const query = {
    segments,
    shards: [{ shard, from, size: to }],
    filter: {},
    by,
    ahead: () => 0,
    mostObjects: objectsAtOnce,
  };
  let n = 0;
  try {
    for (let counted = await countEntries(query); ; ) {
      by.forEach((name, at) => merge(tables[name], counted.counts[at] ?? new Map()));
      n += counted.total;
      if (!counted.more) return censusFrom(tables, n, 0);
      counted = await countEntries({ ...query, after: counted.position });
    }
  } catch (error) {
    if (error instanceof IndexInvalid || error instanceof IndexIncomplete) return undefined;
    throw error;
  }
};
