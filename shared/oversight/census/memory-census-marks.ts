import { type Faults, faultPlan } from '../../kernel/fault-plan.ts';
import { type CensusMark, type CensusMarks, sameCensus } from './census-marks.ts';

/** Marks of censuses in memory, and how to break their store. */
export type MemoryCensusMarks = {
  readonly store: CensusMarks;
  readonly faults: Faults<keyof CensusMarks>;
  /** What stands of a shard, seen past every fault and counted as no call. */
  readonly peek: (shard: number) => CensusMark | undefined;
};

export const memoryCensusMarks = (): MemoryCensusMarks => {
  const marks = new Map<number, CensusMark>();
  const { faults, run } = faultPlan<keyof CensusMarks>();
  return {
    faults,
    peek: (shard) => marks.get(shard),
    store: {
      read: (shard) => run('read', () => marks.get(shard)),
      swap: (shard, expected, next) =>
        run('swap', () => {
          const standing = marks.get(shard);
          if (sameCensus(standing, next)) return 'written';
          if (!sameCensus(standing, expected)) return { standing };
          marks.set(shard, { ...next });
          return 'written';
        }),
    },
  };
};
