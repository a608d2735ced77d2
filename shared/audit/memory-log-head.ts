import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { formatHead, parseHead } from './head-text.ts';
import { type Head, type LogHead, lostHead } from './log-head.ts';

/** The heads in memory, and how to break their store. */
export type MemoryLogHead = {
  readonly store: LogHead;
  readonly faults: Faults<keyof LogHead>;
  /** The head of each shard, seen past every fault and counted as no call. */
  readonly dump: () => ReadonlyMap<number, Head>;
};

export const memoryLogHead = (): MemoryLogHead => {
  const texts = new Map<number, string>();
  const { faults, run } = faultPlan<keyof LogHead>();
  const read = (shard: number): Head | undefined => {
    const text = texts.get(shard);
    return text === undefined ? undefined : parseHead(text);
  };
  const compareAndSwap = (shard: number, next: Head): 'written' | Head => {
    const standing = read(shard);
    if (next.version === (standing?.version ?? 0) + 1) {
      texts.set(shard, formatHead(next));
      return 'written';
    }
    if (standing === undefined) throw lostHead();
    return formatHead(standing) === formatHead(next) ? 'written' : standing;
  };
  const store: LogHead = {
    read: (shard) => run('read', () => read(shard)),
    compareAndSwap: (shard, next) => run('compareAndSwap', () => compareAndSwap(shard, next)),
  };
  const dump = (): ReadonlyMap<number, Head> =>
    new Map([...texts].map(([shard, text]) => [shard, parseHead(text)]));
  return { store, faults, dump };
};
