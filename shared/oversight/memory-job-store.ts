import type { Clock } from '../kernel/clock.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { type Job, type JobStore, jobText, sameJob } from './job-store.ts';

/** Jobs in memory, and how to break their store. */
export type MemoryJobStore = {
  readonly store: JobStore;
  readonly faults: Faults<keyof JobStore>;
  /** Every job that stands, forgotten or not, by its id; seen past every fault and counted as no call. */
  readonly dump: () => readonly Job[];
};

export const memoryJobStore = (now: Clock): MemoryJobStore => {
  const jobs = new Map<string, Job>();
  const { faults, run } = faultPlan<keyof JobStore>();
  const dump = (): readonly Job[] =>
    [...jobs.values()]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((job) => structuredClone(job));
  const known = (): readonly Job[] => dump().filter(({ until }) => until > now());
  return {
    faults,
    dump,
    store: {
      read: (id) => run('read', () => known().find((job) => job.id === id)),
      list: () => run('list', known),
      swap: (next) =>
        run('swap', () => {
          jobText(next);
          const standing = structuredClone(jobs.get(next.id));
          if (sameJob(standing, next)) return 'written';
          if ((standing?.version ?? 0) !== next.version - 1) return { standing };
          jobs.set(next.id, structuredClone(next));
          return 'written';
        }),
    },
  };
};
