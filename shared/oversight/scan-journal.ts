import { bucketOf, type Layout, type Partition } from '../audit/address.ts';
import type { JournalEntry } from '../audit/ports.ts';
import type { Exchange } from '../inquiry/exchange.ts';
import { timeOf } from '../kernel/id.ts';
import type { AuditQuery } from './audit-query.ts';

/** Partitions read in one call, so that an empty night does not become a time-out. */
const partitionsPerCall = 600;

/** Partitions read at once. */
const readAhead = 24;

/** Rows after which a call begins no other partition, so that neither does a crowded hour of others. */
export const rowsPerCall = 10_000;

/** Rows of a partition that are read at once at least: a small page is filtered from more. */
const leastRows = 100;

/** A partition's place in the order of the log: by bucket, then slot. */
const ordinalOf = ({ bucket, slot }: Omit<Partition, 'shard'>, { slots }: Layout): number =>
  bucket * slots + slot;

const partitionAt = (ordinal: number, { slots, shards }: Layout): Partition => {
  const slot = ordinal % slots;
  return { bucket: Math.floor(ordinal / slots), slot, shard: slot % shards };
};

/** Where to go on: behind an id of a partition, or at its beginning. */
export const cursorAt = ({ bucket, slot }: Partition, after: string): string =>
  `${bucket}.${slot}.${after}`;

/** Rows of one partition, in the order of their ids. */
export type Stretch = {
  readonly partition: Partition;
  /** Those whose time is in the range. */
  readonly rows: readonly JournalEntry[];
  /**
   * Set once the call has read what it may, and more is left: the place behind the whole partition,
   * so that it names no row that the reader may not know of.
   */
  readonly next?: string;
};

type Scanned = Pick<AuditQuery, 'from' | 'to' | 'limit' | 'cursor'>;

/** The journal between two times, in the order of the log, as much of it as one call may read. */
export const scanJournal = ({
  journal,
  settings: { layout },
  now,
}: Pick<Exchange, 'journal' | 'settings' | 'now'>) =>
  async function* ({ from, to, limit, cursor }: Scanned): AsyncGenerator<Stretch, void, undefined> {
    const last = Math.min(bucketOf(to - 1), bucketOf(now()) + 1);
    const first = ordinalOf(cursor ?? { bucket: bucketOf(from), slot: 0 }, layout);
    const end = ordinalOf({ bucket: last + 1, slot: 0 }, layout);
    const stop = Math.min(end, first + partitionsPerCall);
    const size = Math.max(limit, leastRows);
    let read = 0;

    const readPage = (partition: Partition, after: string) =>
      journal.list(partition, { after, limit: size });

    const inRange = (entries: readonly JournalEntry[]): readonly JournalEntry[] =>
      entries.filter(({ address: { id } }) => timeOf(id) >= from && timeOf(id) < to);

    for (let at = first; at < stop; at += readAhead) {
      const ordinals = Array.from({ length: Math.min(readAhead, stop - at) }, (_, n) => at + n);
      const pages = ordinals.map(async (ordinal) => {
        const partition = partitionAt(ordinal, layout);
        const after = ordinal === first ? (cursor?.after ?? '') : '';
        return { ordinal, partition, page: await readPage(partition, after) };
      });
      for (const { ordinal, partition, page: begun } of await Promise.all(pages)) {
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
        const behind = ordinal + 1;
        const isLast = behind < end && (behind === stop || read >= rowsPerCall);
        const next = isLast ? { next: cursorAt(partitionAt(behind, layout), '') } : {};
        yield { partition, rows: inRange(page.entries), ...next };
        if (isLast) return;
      }
    }
  };
