/** Where one log stands: what is in it, and how far the journal has been read. */
export type Head = {
  /** One above the last; 1 is the first. */
  readonly version: number;
  /** How many leaves are in the log, and the root over them: 32 bytes (RFC 6962 §2.1). */
  readonly size: number;
  readonly root: Uint8Array;
  /** The first partition, in the order of bucket and slot, that is not in the log yet. */
  readonly bucket: number;
  readonly slot: number;
  /** The first buckets that were not looked at again: after 20 minutes, after 26 hours. */
  readonly again: readonly [number, number];
  /** Ids logged late whose bucket has not been looked at for the last time. */
  readonly late: readonly string[];
  /** base64url(SHA-256) of the settings recorded last; empty before the first. */
  readonly config: string;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
};

/** The head of each shard's log. Rejects with the problem `store-unavailable`. */
export type LogHead = {
  /** The head that stands, after every swap that was acknowledged before. */
  readonly read: (shard: number) => Promise<Head | undefined>;
  /**
   * Writes `next`, durably once it resolves, if the version that stands is `next.version - 1`
   * (nothing for 1): the linearisation point of the log. Resolves to the head that stands instead.
   * The very head that stands already (kept but not acknowledged) counts as written; once others
   * follow it, they are what is told. Throws where a head is missing that should stand.
   */
  readonly compareAndSwap: (shard: number, next: Head) => Promise<'written' | Head>;
};

/** That there is no head to follow: a log never loses its head, so this is a bug or a lost table. */
export const lostHead = (): Error =>
  new Error('The log has no head, and the next one is not its first.');
