import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { type LatestTree, sameTree, type Tree } from './latest-tree.ts';

/** The signed trees in memory, and how to break their store. */
export type MemoryLatestTree = {
  readonly store: LatestTree;
  readonly faults: Faults<keyof LatestTree>;
  /** The tree of each origin, seen past every fault and counted as no call. */
  readonly dump: () => ReadonlyMap<string, Tree>;
};

const copyOf = ({ size, root }: Tree): Tree => ({ size, root: Uint8Array.from(root) });

export const memoryLatestTree = (): MemoryLatestTree => {
  const trees = new Map<string, Tree>();
  const { faults, run } = faultPlan<keyof LatestTree>();
  const read = (origin: string): Tree | undefined => {
    const tree = trees.get(origin);
    return tree === undefined ? undefined : copyOf(tree);
  };
  const store: LatestTree = {
    read: (origin) => run('read', () => read(origin)),
    compareAndSwap: (origin, expected, next) =>
      run('compareAndSwap', () => {
        const standing = read(origin);
        const free = sameTree(standing, expected);
        if (free) trees.set(origin, copyOf(next));
        return free || sameTree(standing, next) ? 'written' : { standing };
      }),
  };
  const dump = (): ReadonlyMap<string, Tree> =>
    new Map([...trees].map(([origin, tree]) => [origin, copyOf(tree)]));
  return { store, faults, dump };
};
