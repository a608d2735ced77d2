import { equalBytes } from '../kernel/bytes.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { KeyRingStore, SealedKey } from './key-ring.ts';

/** The ring in memory, and how to break it. */
export type MemoryKeyRing = {
  readonly store: KeyRingStore;
  readonly faults: Faults<keyof KeyRingStore>;
  /** What stands there, seen past every fault. */
  readonly dump: () => readonly SealedKey[];
};

export const memoryKeyRing = (): MemoryKeyRing => {
  const keys = new Map<number, SealedKey>();
  const { faults, run } = faultPlan<keyof KeyRingStore>();
  const dump = (): readonly SealedKey[] =>
    [...keys.values()]
      .map((key) => ({ ...key, box: key.box.slice() }))
      .toSorted((a, b) => a.n - b.n);
  return {
    faults,
    dump,
    store: {
      read: () => run('read', dump),
      make: ({ n, box }) =>
        run('make', () => {
          if (keys.has(n)) return 'taken';
          keys.set(n, { n, box: box.slice() });
          return 'written';
        }),
      mark: ({ n, box }, announced) =>
        run('mark', () => {
          const key = keys.get(n);
          if (key === undefined || key.announced !== undefined) return 'taken';
          if (!equalBytes(key.box, box)) return 'taken';
          keys.set(n, { ...key, announced });
          return 'written';
        }),
    },
  };
};
