import { equalBytes } from '../kernel/bytes.ts';

/** What a checkpoint says of a log: how many leaves, and the root over them (RFC 6962 §2.1). */
export type Tree = { readonly size: bigint; readonly root: Uint8Array };

export const sameTree = (a: Tree | undefined, b: Tree | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.size === b.size && equalBytes(a.root, b.root);

/**
 * The last tree that was signed for a log, by its origin: for whoever signs, the log's own signer
 * or a witness. Never forgets. Rejects with the problem `store-unavailable`.
 */
export type LatestTree = {
  /** The tree that stands, after every swap that was acknowledged before. */
  readonly read: (origin: string) => Promise<Tree | undefined>;
  /**
   * Replaces `expected` (undefined: nothing yet) by `next`, durably once it resolves; resolves to
   * what stands instead. The very tree that stands already (kept but not acknowledged) counts as
   * written.
   */
  readonly compareAndSwap: (
    origin: string,
    expected: Tree | undefined,
    next: Tree,
  ) => Promise<'written' | { readonly standing: Tree | undefined }>;
};
