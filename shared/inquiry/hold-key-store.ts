/** Milliseconds of `until`s that share a key: what is held under it is gone by the end of them. */
export const holdWindowLength = 300_000;

/** The window in which an answer is held no longer, by its number since 1970. */
export const holdWindowOf = (until: number): number => Math.floor(until / holdWindowLength);

/** When a window ends and its key goes, in milliseconds since 1970. */
export const endOfHoldWindow = (window: number): number => (window + 1) * holdWindowLength;

/**
 * The keys under which answers are held, one for each window, wrapped by wrap-key.ts. A store may
 * sweep a key away once its window has ended, and not before. Rejects with the problem
 * `store-unavailable`, and then a key may have been put or not.
 */
export type HoldKeyStore = {
  /** Puts a window's key where none stands; resolves to the one that stands then, durably. */
  readonly make: (window: number, box: Uint8Array) => Promise<Uint8Array>;
  /** The key that stands, after every write that was acknowledged before. */
  readonly find: (window: number) => Promise<Uint8Array | undefined>;
};
