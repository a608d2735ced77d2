import { bucketLength, type Partition } from '../address.ts';

/** How one log is kept. Times in milliseconds. */
export type LogSettings = {
  readonly shard: number;
  readonly shards: number;
  readonly slots: number;
  /** The origin of its checkpoints, for example `exchange.example/log/0`. */
  readonly origin: string;
  /** The merge delay it promises, in seconds. */
  readonly mergeDelay: number;
  /** How long after a bucket's end an id of it can still be accepted, with a margin for clocks. */
  readonly acceptance: number;
  /** How much longer an intent without an outcome is waited for. */
  readonly patience: number;
  /** How long after its end a bucket is looked at again, and for the last time. */
  readonly again: readonly [number, number];
  /** The most that one step takes: entries, their bytes, and partitions read. */
  readonly batch: {
    readonly entries: number;
    readonly bytes: number;
    readonly partitions: number;
  };
};

/** What audit-log.md §3 decides. */
export const usualTimes = {
  acceptance: 13_000,
  patience: 35_000,
  again: [20 * 60_000, 26 * 3_600_000],
  batch: { entries: 4096, bytes: 8_388_608, partitions: 4096 },
} as const satisfies Partial<LogSettings>;

/** Where a log stands in the journal: the next partition to seal, by bucket and slot. */
export type Position = { readonly bucket: number; readonly slot: number };

/** The slots of the shard, ascending. */
export const slotsOf = ({ shard, shards, slots }: LogSettings): readonly number[] =>
  Array.from({ length: slots }, (_, slot) => slot).filter((slot) => slot % shards === shard);

/** The last bucket that no further id can be accepted in. */
export const lastClosed = ({ acceptance }: LogSettings, now: number): number =>
  Math.floor((now - acceptance) / bucketLength) - 1;

/** Whether an intent of this bucket has been waited for long enough. */
export const isAbandoned = (
  { acceptance, patience }: LogSettings,
  { bucket }: Pick<Partition, 'bucket'>,
  now: number,
): boolean => now >= (bucket + 1) * bucketLength + acceptance + patience;
