import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { HoldKeyStore } from './hold-key-store.ts';

/** Keys of held answers in memory, and how to break and to lose them. */
export type MemoryHoldKeyStore = {
  readonly store: HoldKeyStore;
  readonly faults: Faults<keyof HoldKeyStore>;
  /** What stands there by window, seen past every fault. */
  readonly dump: () => ReadonlyMap<number, Uint8Array>;
  /** Takes all keys away, as a store does whose rows have expired. */
  readonly sweep: () => void;
};

export const memoryHoldKeyStore = (): MemoryHoldKeyStore => {
  const boxes = new Map<number, Uint8Array>();
  const { faults, run } = faultPlan<keyof HoldKeyStore>();
  return {
    faults,
    dump: () => new Map(boxes),
    sweep: () => boxes.clear(),
    store: {
      make: (window, box) =>
        run('make', () => {
          const standing = boxes.get(window) ?? box.slice();
          boxes.set(window, standing);
          return standing.slice();
        }),
      find: (window) => run('find', () => boxes.get(window)?.slice()),
    },
  };
};
