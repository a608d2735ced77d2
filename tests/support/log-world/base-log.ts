/** A log that had grown before a test began: its journal is long gone. */
import { bucketOf } from '#shared/audit/address.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { type BuiltLog, buildLog, testSigners } from '../log-builder.ts';
import type { LogWorld } from '../log-world.ts';
import { makeRecord } from './journal-rows.ts';

const hour = 3_600_000;

const built = new Map<string, Promise<BuiltLog>>();

/** One leaf every millisecond or so of an hour long past, in the order of its buckets. */
const buildBase = ({ layout, noise, originOf, clock }: LogWorld, size: number) => {
  const start = clock.now() - 30 * hour;
  const leaves = Array.from({ length: size }, (_, n) =>
    recordLeafData(makeRecord(layout, noise, { t: start + Math.floor((n / size) * hour) }).record),
  );
  const origin = originOf(0);
  return buildLog(leaves, { origin, signers: { log: testSigners(origin).log, witnesses: [] } });
};

/** Lets the log of shard 0 begin with `size` leaves, signed and published. */
export const beginAt = async (world: LogWorld, size: number): Promise<void> => {
  if (size === 0) return;
  const known = built.get(String(size)) ?? buildBase(world, size);
  built.set(String(size), known);
  const { files, root } = await known;
  for (const [path, bytes] of files) world.objects.overwrite(logKey(0, path), bytes);
  const bucket = bucketOf(world.clock.now()) - 3;
  const head: Head = {
    version: 1,
    size,
    root,
    bucket,
    slot: 0,
    again: [bucket, bucket],
    late: [],
    config: '',
    time: world.clock.now(),
  };
  await world.heads.store.compareAndSwap(0, head);
  await world.latest.store.compareAndSwap(world.originOf(0), undefined, {
    size: BigInt(size),
    root,
  });
  world.bases.set(0, size);
};
