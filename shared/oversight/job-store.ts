import { canonicalJson } from '../kernel/canonical-json.ts';
import { canonicalObject } from '../kernel/canonical-object.ts';
import type { JsonObject } from '../kernel/strict-json.ts';

/** Work that outlives a request: its state, and how often that was written. */
export type Job = {
  /** A UUIDv7. */
  readonly id: string;
  /** 1 when it begins. */
  readonly version: number;
  /** At most {@link maxJobState} bytes as JSON. */
  readonly state: JsonObject;
  /** Milliseconds since 1970, after which it may be forgotten. */
  readonly until: number;
};

/** Jobs of one kind. Rejects with the problem `store-unavailable`. */
export type JobStore = {
  /** A job whose `until` is over is there no more, whether or not the store has it still. */
  readonly read: (id: string) => Promise<Job | undefined>;
  /** Every job that is not forgotten yet, oldest first. */
  readonly list: () => Promise<readonly Job[]>;
  /**
   * Puts `next` where its version less one stands (version 1: where nothing stands), durably once it
   * resolves; resolves to what stands instead. The very same standing already counts as written.
   */
  readonly swap: (next: Job) => Promise<'written' | { readonly standing: Job | undefined }>;
};

/** Of the 400 KB that an item of the store may have. */
export const maxJobState = 307_200;

/** The state as a store keeps it; throws a RangeError for one that no store takes, or gives back. */
export const jobText = ({ state }: Pick<Job, 'state'>): string => {
  const text = canonicalJson(state);
  if (Buffer.byteLength(text) > maxJobState || canonicalObject(text) === undefined) {
    throw new RangeError('The state of a job is at most 300 KB of JSON without fractions.');
  }
  return text;
};

export const sameJob = (a: Job | undefined, b: Job): boolean =>
  a?.id === b.id && a.version === b.version && a.until === b.until && jobText(a) === jobText(b);
