import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { LogStatus, LogStatusReader } from './log-status.ts';

/** The status of every log in memory, and how to break its reading. */
export type MemoryLogStatus = {
  readonly store: LogStatusReader;
  readonly faults: Faults<keyof LogStatusReader>;
  /** What is said of every shard from now on. */
  readonly say: (status: () => LogStatus) => void;
};

export const memoryLogStatus = (status: () => LogStatus): MemoryLogStatus => {
  const { faults, run } = faultPlan<keyof LogStatusReader>();
  let saying = status;
  return {
    store: { read: () => run('read', () => saying()) },
    faults,
    say: (next) => {
      saying = next;
    },
  };
};
