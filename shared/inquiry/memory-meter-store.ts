import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { MeterStore } from './meter-store.ts';

/** Meters in memory, and how to break their store. */
export type MemoryMeterStore = {
  readonly store: MeterStore;
  readonly faults: Faults<keyof MeterStore>;
  /** What was given out by the keys of windows, seen past every fault and counted as no call. */
  readonly dump: () => ReadonlyMap<string, number>;
};

export const memoryMeterStore = (): MemoryMeterStore => {
  const used = new Map<string, number>();
  const { faults, run } = faultPlan<keyof MeterStore>();
  const store: MeterStore = {
    take: ({ key }, { want, most }) =>
      run('take', () => {
        const before = used.get(key) ?? 0;
        const given = Math.max(0, Math.min(want, most - before));
        used.set(key, before + given);
        return { given, used: before + given };
      }),
    read: (windows) => run('read', () => windows.map(({ key }) => used.get(key) ?? 0)),
  };
  return { store, faults, dump: () => new Map(used) };
};
