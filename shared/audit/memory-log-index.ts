import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { LogIndex, Places } from './log-index.ts';
import { mergePlaces, placesWithin } from './merge-places.ts';

/** The index in memory, and how to break it. */
export type MemoryLogIndex = {
  readonly store: LogIndex;
  readonly faults: Faults<keyof LogIndex>;
  /** What a shard's index holds, seen past every fault and counted as no call. */
  readonly dump: (shard: number) => Places;
};

export const memoryLogIndex = (): MemoryLogIndex => {
  const puts = new Map<string, { readonly shard: number; readonly places: Places }>();
  const sizes = new Map<number, number>();
  const { faults, run } = faultPlan<keyof LogIndex>();
  const dump = (shard: number): Places =>
    mergePlaces([...puts.values()].filter((one) => one.shard === shard).map((one) => one.places));
  const store: LogIndex = {
    put: (shard, places) =>
      run('put', () => {
        const own = mergePlaces([places]);
        puts.set(`${shard} ${JSON.stringify(own)}`, { shard, places: own });
      }),
    find: (partition) => run('find', () => placesWithin(dump(partition.shard), partition)),
    fed: (shard) => run('fed', () => sizes.get(shard) ?? 0),
    advance: (shard, size) =>
      run('advance', () => {
        sizes.set(shard, Math.max(size, sizes.get(shard) ?? 0));
      }),
  };
  return { store, faults, dump };
};
