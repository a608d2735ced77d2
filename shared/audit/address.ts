import { createHmac } from 'node:crypto';
import type { SecretKey } from '../kernel/bytes.ts';
import { type InquiryId, timeOf } from '../kernel/id.ts';

/** Milliseconds of inquiries that share a bucket, which is sealed as one (audit-log.md §1). */
export const bucketLength = 10_000;

/** One partition of the journal: a bucket of time, cut into slots so that none is hot. */
export type Partition = { readonly shard: number; readonly bucket: number; readonly slot: number };

/** Where an inquiry stands in the journal: derived from its id alone, so a replay meets itself. */
export type Address = Partition & { readonly id: InquiryId };

export type Layout = {
  /** 32 secret bytes: without them ids cannot be ground into one slot. */
  readonly slotKey: SecretKey;
  readonly slots: number;
  readonly shards: number;
};

export const bucketOf = (milliseconds: number): number => Math.floor(milliseconds / bucketLength);

/** Buckets that share a period, ten minutes of them: a reader skips the periods without an entry. */
export const bucketsPerPeriod = 60;

export const periodOf = (bucket: number): number => Math.floor(bucket / bucketsPerPeriod);

/** The partition of the journal, and so the log, that an id belongs to. */
export const addressOf = (id: InquiryId, { slotKey, slots, shards }: Layout): Address => {
  const slot = createHmac('sha256', slotKey).update(id).digest().readUInt32BE(0) % slots;
  return { shard: slot % shards, bucket: bucketOf(timeOf(id)), slot, id };
};
