import { type Faults, faultPlan } from '../../kernel/fault-plan.ts';
import { type IndexMark, type IndexMarks, noMark, sameMark } from './index-marks.ts';

/** Marks of the index in memory, and how to break their store. */
export type MemoryIndexMarks = {
  readonly store: IndexMarks;
  readonly faults: Faults<keyof IndexMarks>;
  /** What stands of a shard, seen past every fault and counted as no call. */
  readonly peek: (shard: number) => IndexMark;
};

export const memoryIndexMarks = (): MemoryIndexMarks => {
  const marks = new Map<number, IndexMark>();
  const { faults, run } = faultPlan<keyof IndexMarks>();
  const peek = (shard: number): IndexMark => marks.get(shard) ?? noMark;
  return {
    faults,
    peek,
    store: {
      read: (shard) => run('read', () => peek(shard)),
      swap: (shard, expected, next) =>
        run('swap', () => {
          const standing = peek(shard);
          if (sameMark(standing, next)) return 'written';
          if (!sameMark(standing, expected)) return { standing };
          marks.set(shard, { ...next });
          return 'written';
        }),
    },
  };
};
