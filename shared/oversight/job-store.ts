import type { JsonObject } from '../kernel/strict-json.ts';

/** Work that outlives a request: its state, and how often that was written. */
export type Job = {
  /** A UUIDv7. */
  readonly id: string;
  readonly version: number;
  readonly state: JsonObject;
  /** Milliseconds since 1970, after which it may be forgotten. */
  readonly until: number;
};

/** Jobs of one kind. Rejects with the problem `store-unavailable`. */
export type JobStore = {
  readonly read: (id: string) => Promise<Job | undefined>;
  /** Every job that is not forgotten yet, oldest first. */
  readonly list: () => Promise<readonly Job[]>;
  /**
   * Puts `next` where its version less one stands (version 1: where nothing stands), durably once it
   * resolves; resolves to what stands instead. The very same standing already counts as written.
   */
  readonly swap: (next: Job) => Promise<'written' | { readonly standing: Job | undefined }>;
};
