import * as z from 'zod';

/** Version of the record, its `v`. */
export const configSetVersion = 1;

/**
 * How a log is kept from here on: a leaf by itself, written by the sequencer when the log begins and
 * whenever a setting changes. `t` in milliseconds since 1970; `mmd` the merge delay it promises, in
 * seconds; `slots` and `shards` cut the journal into partitions.
 */
export const ConfigSet = z.strictObject({
  v: z.literal(configSetVersion),
  k: z.literal('config'),
  t: z.int(),
  origin: z.string(),
  shard: z.int().min(0),
  shards: z.int().min(1),
  slots: z.int().min(1),
  mmd: z.int().min(1),
});
export type ConfigSet = z.infer<typeof ConfigSet>;

export const configSetExample: ConfigSet = {
  v: 1,
  k: 'config',
  t: 1_800_000_000_000,
  origin: 'exchange.example/log/0',
  shard: 0,
  shards: 1,
  slots: 16,
  mmd: 120,
};
