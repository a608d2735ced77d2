import type { Partition } from './address.ts';

/** Entries of one partition that stand in the log in the order of their ids, from `start` on. */
export type Range = {
  readonly bucket: number;
  readonly slot: number;
  readonly start: number;
  readonly count: number;
};

/** An entry that came late: the partition of its id, and its own index in the log. */
export type LateEntry = {
  readonly id: string;
  readonly bucket: number;
  readonly slot: number;
  readonly index: number;
};

export type Places = { readonly ranges: readonly Range[]; readonly late: readonly LateEntry[] };

/**
 * Where the entries of a partition are in the log of its shard, so that a proof is found without
 * searching. It can be made again from the log, and what it says is to be checked against the log.
 * Rejects with the problem `store-unavailable`.
 */
export type LogIndex = {
  /**
   * Adds places, durably once it resolves. Adding them again, in any division, changes nothing; a
   * rejection means that some of them may have been kept.
   */
  readonly put: (shard: number, places: Places) => Promise<void>;
  /** All that was added for a partition, once each: by start and count, late ones by index and id. */
  readonly find: (partition: Partition) => Promise<Places>;
  /** How many leaves of a shard's log it holds the places of; 0 before the first are told. */
  readonly fed: (shard: number) => Promise<number>;
  /** Tells that the places of the first `size` leaves are held, durably; never takes any back. */
  readonly advance: (shard: number, size: number) => Promise<void>;
};
