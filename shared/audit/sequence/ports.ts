import type { Clock } from '../../kernel/clock.ts';
import type { LogHead } from '../log-head.ts';
import type { JournalStore, ObjectStore } from '../ports.ts';
import type { Hash } from '../tlog/hash.ts';

/** What the log's signer is asked: to sign a tree that is committed, shown to grow from the last. */
export type SignRequest = {
  readonly shard: number;
  readonly oldSize: number;
  readonly size: number;
  readonly root: Hash;
  /** From `oldSize` to `size` (RFC 6962 §2.1.2). */
  readonly proof: readonly Hash[];
};

export type SignAnswer =
  /** The checkpoint as a signed note. The same tree gives the same bytes. */
  | { readonly kind: 'signed'; readonly checkpoint: Uint8Array }
  /** The signer's last tree has this size: ask again from there, or it is past this one. */
  | { readonly kind: 'conflict'; readonly size: number }
  /** The tree does not grow from the signer's last. */
  | { readonly kind: 'refused' };

/**
 * The only one that may use the log's key. It keeps its own last tree, and signs nothing that does
 * not grow from it. Rejects with the problems `signer-unavailable` and `store-unavailable`.
 */
export type CheckpointSigner = (request: SignRequest) => Promise<SignAnswer>;

/** Shows the world how far a log is. Rejects with the problem `store-unavailable`. */
export type Publisher = {
  /** The checkpoint that everybody sees; undefined before the first. */
  readonly published: (shard: number) => Promise<Uint8Array | undefined>;
  /** Publishes a signed checkpoint, unless a larger tree is published already. */
  readonly publish: (shard: number, checkpoint: Uint8Array) => Promise<void>;
};

export type SequencerPorts = {
  readonly heads: LogHead;
  readonly journal: JournalStore;
  /** What everybody may read: written once. */
  readonly objects: ObjectStore;
  /** What only recovery reads. */
  readonly staging: ObjectStore;
  readonly signer: CheckpointSigner;
  readonly publisher: Publisher;
  readonly now: Clock;
};
