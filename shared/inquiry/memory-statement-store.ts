import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import {
  type StatedDay,
  type StatementMark,
  type StatementStore,
  sameMark,
} from './statement-store.ts';

/** Stated days in memory, and how to break their store. */
export type MemoryStatementStore = {
  readonly store: StatementStore;
  readonly faults: Faults<keyof StatementStore>;
  /** Every mark that stands, seen past every fault and counted as no call. */
  readonly dump: () => readonly StatementMark[];
};

const keyOf = ({ by, day }: StatedDay): string => `${by} ${day}`;

export const memoryStatementStore = (): MemoryStatementStore => {
  const marks = new Map<string, StatementMark>();
  const { faults, run } = faultPlan<keyof StatementStore>();
  return {
    faults,
    dump: () => [...marks.values()],
    store: {
      find: (at) => run('find', () => marks.get(keyOf(at))),
      compareAndSwap: (at, expected, next) =>
        run('compareAndSwap', () => {
          const standing = marks.get(keyOf(at));
          if (sameMark(standing, next)) return 'written';
          if (!sameMark(standing, expected)) return { standing };
          marks.set(keyOf(at), { ...next });
          return 'written';
        }),
    },
  };
};
