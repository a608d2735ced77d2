import { type Faults, faultPlan } from '../../kernel/fault-plan.ts';
import type { ObjectStore } from '../ports.ts';

/** Where the objects of the index are in the object store. */
export const segmentKey = (shard: number, n: number): string => `index/${shard}/segment/${n}`;
export const summaryKey = (shard: number, m: number): string => `index/${shard}/summary/${m}`;
export const printsKey = (shard: number, m: number): string => `index/${shard}/prints/${m}`;

/**
 * The objects of the index as they were put last; undefined where none stands. The last ones of a shard
 * are put again as the log grows; whole ones change only where tags are taken out of them. Rejects with
 * the problem `store-unavailable`.
 */
export type SegmentSource = {
  readonly segment: (shard: number, n: number) => Promise<Uint8Array | undefined>;
  readonly summary: (shard: number, m: number) => Promise<Uint8Array | undefined>;
  readonly prints: (shard: number, m: number) => Promise<Uint8Array | undefined>;
};

/** The index in an object store. */
export const storedSegments = ({ get }: Pick<ObjectStore, 'get'>): SegmentSource => ({
  segment: (shard, n) => get(segmentKey(shard, n)),
  summary: (shard, m) => get(summaryKey(shard, m)),
  prints: (shard, m) => get(printsKey(shard, m)),
});

/** The index in memory, by the keys of its objects, and how to break it. */
export type MemorySegmentSource = {
  readonly source: SegmentSource;
  readonly faults: Faults<keyof SegmentSource>;
  readonly put: (key: string, bytes: Uint8Array | undefined) => void;
};

export const memorySegmentSource = (): MemorySegmentSource => {
  const objects = new Map<string, Uint8Array>();
  const { faults, run } = faultPlan<keyof SegmentSource>();
  return {
    source: {
      segment: (shard, n) => run('segment', () => objects.get(segmentKey(shard, n))),
      summary: (shard, m) => run('summary', () => objects.get(summaryKey(shard, m))),
      prints: (shard, m) => run('prints', () => objects.get(printsKey(shard, m))),
    },
    faults,
    put: (key, bytes) => {
      if (bytes === undefined) objects.delete(key);
      else objects.set(key, Uint8Array.from(bytes));
    },
  };
};
