import {
  bucketOf,
  bucketsPerPeriod,
  type Layout,
  type Partition,
  periodOf,
} from '../../audit/address.ts';
import type { JournalEntry } from '../../audit/ports.ts';
import type { Exchange } from '../../inquiry/exchange.ts';
import { timeOf } from '../../kernel/id.ts';

/** Partitions read in one call, so that an empty night does not become a time-out. */
const partitionsPerCall = 600;

/** Partitions read at once. */
const readAhead = 24;

/** Rows after which a call begins no other partition, so that neither does a crowded hour of others. */
export const rowsPerCall = 10_000;

/** Rows of a partition that are read at once at least: a small page is filtered from more. */
const leastRows = 100;

/** A place between the rows of the journal: behind an id of a partition, or at its beginning. */
export type JournalPlace = {
  readonly bucket: number;
  readonly slot: number;
  readonly after: string;
};

/** A partition's place in the order of the log: by bucket, then slot. */
const ordinalOf = (
  { bucket, slot }: Pick<JournalPlace, 'bucket' | 'slot'>,
  { slots }: Layout,
): number => bucket * slots + slot;

const partitionAt = (ordinal: number, { slots, shards }: Layout): Partition => {
  const slot = ordinal % slots;
  return { bucket: Math.floor(ordinal / slots), slot, shard: slot % shards };
};

/** Where to go on: behind an id of a partition, or at its beginning. */
export const placeIn = ({ bucket, slot }: Partition, after: string): JournalPlace => ({
  bucket,
  slot,
  after,
});

/** Rows of one partition, in the order of their ids. */
export type Stretch = {
  readonly partition: Partition;
  /** Those whose time is in the range. */
  readonly rows: readonly JournalEntry[];
  /**
   * Set once the call has read what it may, and more is left: the place behind the whole partition,
   * so that it names no row that the reader may not know of.
   */
  readonly next?: JournalPlace;
};

/** What is read of the journal: from ≤ time inside the id < to. */
export type Scanned = {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly place?: JournalPlace | undefined;
  /** The periods in which anything stands (`JournalStore.periods`): no other is looked at. */
  readonly periods: readonly number[];
};

/** The partitions of some periods from `first` up to and without `end`, in their order. */
function* ordinalsOf(
  periods: readonly number[],
  { first, end }: { readonly first: number; readonly end: number },
  { slots }: Layout,
): Generator<number, void, undefined> {
  for (const period of periods) {
    const start = period * bucketsPerPeriod * slots;
    const stop = Math.min(end, start + bucketsPerPeriod * slots);
    for (let ordinal = Math.max(first, start); ordinal < stop; ordinal += 1) yield ordinal;
  }
}

/** The periods that a scan may find anything in: from the first one up to and without the last. */
export const periodsWithin = (
  { from, to }: Pick<Scanned, 'from' | 'to'>,
  now: number,
): readonly [from: number, to: number] => {
  const last = Math.min(bucketOf(to - 1), bucketOf(now) + 1);
  return [periodOf(bucketOf(from)), periodOf(last) + 1];
};

/** The journal between two times, in the order of the log, as much of it as one call may read. */
export const scanJournal = ({
  journal,
  settings: { layout },
  now,
}: {
  readonly journal: Pick<Exchange['journal'], 'list'>;
  readonly settings: Pick<Exchange['settings'], 'layout'>;
  readonly now: Exchange['now'];
}) =>
  async function* ({
    from,
    to,
    limit,
    place,
    periods,
  }: Scanned): AsyncGenerator<Stretch, void, undefined> {
    const last = Math.min(bucketOf(to - 1), bucketOf(now()) + 1);
    const first = ordinalOf(place ?? { bucket: bucketOf(from), slot: 0 }, layout);
    const end = ordinalOf({ bucket: last + 1, slot: 0 }, layout);
    const ordinals = [...ordinalsOf(periods, { first, end }, layout).take(partitionsPerCall + 1)];
    const stop = Math.min(ordinals.length, partitionsPerCall);
    const size = Math.max(limit, leastRows);
    let read = 0;

    const readPage = (partition: Partition, after: string) =>
      journal.list(partition, { after, limit: size });

    const inRange = (entries: readonly JournalEntry[]): readonly JournalEntry[] =>
      entries.filter(({ address: { id } }) => timeOf(id) >= from && timeOf(id) < to);

    for (let at = 0; at < stop; at += readAhead) {
      const ahead = ordinals.slice(at, Math.min(at + readAhead, stop));
      const pages = ahead.map(async (ordinal, n) => {
        const partition = partitionAt(ordinal, layout);
        const after = ordinal === first ? (place?.after ?? '') : '';
        const behind = ordinals[at + n + 1];
        return { behind, partition, page: await readPage(partition, after) };
      });
      for (const { behind, partition, page: begun } of await Promise.all(pages)) {
        let page = begun;
        while (page.more) {
          const lastRead = page.entries.at(-1);
          // Going on with the next partition would leave entries out, and nobody would know.
          if (lastRead === undefined)
            throw new Error('A page of the journal holds no whole entry.');
          yield { partition, rows: inRange(page.entries) };
          read += page.entries.length;
          page = await readPage(partition, lastRead.address.id);
        }
        read += page.entries.length;
        const isLast = behind !== undefined && (behind === ordinals[stop] || read >= rowsPerCall);
        const next = isLast ? { next: placeIn(partitionAt(behind, layout), '') } : {};
        yield { partition, rows: inRange(page.entries), ...next };
        if (isLast) return;
      }
    }
  };
