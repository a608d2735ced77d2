import { equalBytes } from '../kernel/bytes.ts';
import type { LatestTree } from './latest-tree.ts';
import { checkConsistency } from './tlog/check.ts';
import { emptyRoot, type Hash } from './tlog/hash.ts';

/** A wish to have a tree signed: it is said to grow from `oldSize` leaves, as the proof is to show. */
export type Growth = {
  readonly origin: string;
  readonly oldSize: bigint;
  readonly size: bigint;
  readonly root: Hash;
  readonly proof: readonly Hash[];
};

export type Advance =
  /** The tree may be signed: it is on record as the latest. */
  | { readonly kind: 'advanced' }
  /** Another size is on record than the one it grows from; ask again from there. */
  | { readonly kind: 'conflict'; readonly size: bigint }
  /** Another root is on record for this very size: a fork. */
  | { readonly kind: 'fork'; readonly size: bigint }
  | { readonly kind: 'invalid-proof' };

/**
 * What everybody does who signs trees, the log's signer and each witness: never sign what does not
 * grow from the last tree signed (C2SP tlog-witness, add-checkpoint). It is on record, by
 * compare-and-swap, before anything is signed; a crash in between leaves it to be signed again.
 */
export const advanceTree = async (latest: LatestTree, growth: Growth): Promise<Advance> => {
  const { origin, oldSize, size, root, proof } = growth;
  const standing = await latest.read(origin);
  const known = standing ?? { size: 0n, root: emptyRoot };
  if (known.size !== oldSize) return { kind: 'conflict', size: known.size };
  if (size === known.size) {
    if (!equalBytes(root, known.root)) return { kind: 'fork', size: known.size };
    if (proof.length > 0) return { kind: 'invalid-proof' };
    if (standing !== undefined) return { kind: 'advanced' };
  } else if (!grows(growth, known.root)) {
    return { kind: 'invalid-proof' };
  }
  const swapped = await latest.compareAndSwap(origin, standing, { size, root });
  return swapped === 'written'
    ? { kind: 'advanced' }
    : { kind: 'conflict', size: swapped.standing?.size ?? 0n };
};

const grows = ({ oldSize, size, root, proof }: Growth, oldRoot: Hash): boolean =>
  oldSize === 0n ? proof.length === 0 : checkConsistency({ oldSize, oldRoot, size, root, proof });
