import { bucketsPerPeriod, type Partition, periodOf } from '../address.ts';
import type { JournalStore } from '../ports.ts';
import { type LogSettings, lastClosed, type Position, slotsOf } from './log-settings.ts';
import { type Entry, sealPartition } from './seal.ts';

type Ports = { readonly journal: JournalStore; readonly now: () => number };

/** What the next leaves of the log are, and the first partition after them. */
export type Gathered = {
  readonly entries: readonly Entry[];
  readonly next: Position;
  /** Whether the batch was full before the present was reached. */
  readonly more: boolean;
};

/** Partitions read at once. */
const readAhead = 24;

/** The partitions from a position on to the end of a bucket, in order, without those of closed periods. */
function* partitionsFrom(
  settings: LogSettings,
  { bucket, slot }: Position,
  last: number,
  periods: ReadonlySet<number>,
): Generator<Partition> {
  const slots = slotsOf(settings);
  for (let at = bucket; at <= last; at += 1) {
    if (!periods.has(periodOf(at))) {
      at = (periodOf(at) + 1) * bucketsPerPeriod - 1;
      continue;
    }
    for (const one of slots) {
      if (at > bucket || one >= slot) yield { shard: settings.shard, bucket: at, slot: one };
    }
  }
}

const positionOf = ({ bucket, slot }: Partition): Position => ({ bucket, slot });

/** Up to `count` of what comes next. */
const take = <Value>(values: Iterator<Value>, count: number): Value[] => {
  const taken: Value[] = [];
  while (taken.length < count) {
    const result = values.next();
    if (result.done === true) break;
    taken.push(result.value);
  }
  return taken;
};

/**
 * Seals partitions in the order of bucket, slot and id, from a position on: until one is still open,
 * until the batch is full, or until the present. What it says depends on the journal alone, so two
 * who gather at once differ at most in how far they come.
 */
export const gather = async (
  ports: Ports,
  settings: LogSettings,
  from: Position,
): Promise<Gathered> => {
  const { batch } = settings;
  const last = lastClosed(settings, ports.now());
  if (last < from.bucket) return { entries: [], next: from, more: false };
  // Asked after the last bucket was closed: whoever wrote into it had marked its period before.
  const periods = new Set(await ports.journal.periods(periodOf(from.bucket), periodOf(last) + 1));
  const partitions = partitionsFrom(settings, from, last, periods);
  const entries: Entry[] = [];
  let bytes = 0;
  let read = 0;
  for (;;) {
    const ahead = take(partitions, Math.min(readAhead, batch.partitions - read));
    if (ahead.length === 0) break;
    read += ahead.length;
    const sealed = await Promise.all(
      ahead.map((partition) => sealPartition(ports, settings, partition)),
    );
    for (const [n, leaves] of sealed.entries()) {
      const partition = ahead[n];
      if (partition === undefined) break;
      const next = positionOf(partition);
      if (leaves === 'open') return { entries, next, more: false };
      const added = leaves.reduce((sum, { data }) => sum + data.length, 0);
      const full = entries.length + leaves.length > batch.entries || bytes + added > batch.bytes;
      // A partition is never cut: one that is too large for a batch is one by itself.
      if (full && entries.length > 0) return { entries, next, more: true };
      entries.push(...leaves);
      bytes += added;
    }
  }
  const [further] = take(partitions, 1);
  return further === undefined
    ? { entries, next: { bucket: last + 1, slot: 0 }, more: false }
    : { entries, next: positionOf(further), more: true };
};
