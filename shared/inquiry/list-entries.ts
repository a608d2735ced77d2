import { bucketOf, type Layout, type Partition } from '../audit/address.ts';
import type { JournalEntry } from '../audit/ports.ts';
import { timeOf } from '../kernel/id.ts';
import { counterOf, delegateOf } from '../message/claims.ts';
import type { AuditQuery } from './audit-query.ts';
import type { Exchange } from './exchange.ts';
import { type Answered, type Asked, fromIntentRow, fromOutcomeRow } from './record.ts';

/** Partitions read in one call, so that an empty night does not become a time-out. */
const partitionsPerPage = 600;

/** Partitions read at once. */
const readAhead = 24;

/** One inquiry as the journal holds it: what it says, and the texts that its leaf is made of. */
export type AuditEntry = {
  readonly id: string;
  /** ISO 8601, UTC: when the intent was written. */
  readonly asked: string;
  /** The counter that was asked for. */
  readonly counter: string;
  /** Whoever signed in the counter's place. */
  readonly by?: string;
  readonly agency: string;
  readonly service: string;
  readonly purpose: string;
  readonly basis: string;
  readonly station: string;
  readonly presence: string;
  readonly seq: number;
  readonly effect: string;
  readonly rule: string;
  /** Absent while the inquiry is open. */
  readonly outcome?: string;
  readonly ms?: number;
  /** I and O, verbatim (audit-log.md §2). */
  readonly i: string;
  readonly o?: string;
};

export type AuditPage = {
  readonly entries: readonly AuditEntry[];
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
};

const toEntry = (intent: Asked, outcome: Answered | undefined): AuditEntry => {
  const { inq } = intent.claims;
  const by = delegateOf(intent.claims);
  return {
    id: inq.id,
    asked: new Date(intent.event.t).toISOString(),
    counter: counterOf(intent.claims),
    ...(by !== undefined && { by }),
    agency: agencyOf(inq.service),
    service: inq.service,
    purpose: inq.purpose,
    basis: inq.basis,
    station: inq.station,
    presence: inq.presence,
    seq: inq.seq,
    effect: intent.event.dec.effect,
    rule: intent.event.dec.rule,
    ...(outcome !== undefined && { outcome: outcome.event.out, ms: outcome.event.ms }),
    i: intent.text,
    ...(outcome !== undefined && { o: outcome.text }),
  };
};

const agencyOf = (service: string): string => `agency:${service.split('/', 1)[0] ?? ''}`;

const read = ({ intent, outcome }: JournalEntry): AuditEntry | undefined =>
  intent === undefined
    ? undefined
    : toEntry(fromIntentRow(intent), outcome === undefined ? undefined : fromOutcomeRow(outcome));

const matches = (entry: AuditEntry, { counter, agency, service, outcome }: AuditQuery): boolean =>
  (counter === undefined || entry.counter === counter) &&
  (agency === undefined || entry.agency === agency) &&
  (service === undefined ||
    entry.service === service ||
    entry.service.split('@', 1)[0] === service) &&
  (outcome === undefined || entry.outcome === outcome);

/** A partition's place in the order of the log: by bucket, then slot. */
const ordinalOf = ({ bucket, slot }: Omit<Partition, 'shard'>, { slots }: Layout): number =>
  bucket * slots + slot;

const partitionAt = (ordinal: number, { slots, shards }: Layout): Partition => {
  const slot = ordinal % slots;
  return { bucket: Math.floor(ordinal / slots), slot, shard: slot % shards };
};

const cursorAt = ({ bucket, slot }: Partition, after: string): string =>
  `${bucket}.${slot}.${after}`;

/** The journal between two times, filtered, page by page (`GET /v1/audit/entries`). */
export const listEntries =
  ({ journal, settings: { layout }, now }: Pick<Exchange, 'journal' | 'settings' | 'now'>) =>
  async (query: AuditQuery): Promise<AuditPage> => {
    const { from, to, limit, cursor } = query;
    const last = Math.min(bucketOf(to - 1), bucketOf(now()) + 1);
    const first = ordinalOf(cursor ?? { bucket: bucketOf(from), slot: 0 }, layout);
    const end = ordinalOf({ bucket: last + 1, slot: 0 }, layout);
    const stop = Math.min(end, first + partitionsPerPage);
    const entries: AuditEntry[] = [];

    const readPage = async (ordinal: number) => {
      const partition = partitionAt(ordinal, layout);
      const after = ordinal === first && cursor !== undefined ? cursor.after : '';
      return { partition, page: await journal.list(partition, { after, limit }) };
    };

    for (let at = first; at < stop; at += readAhead) {
      const ordinals = Array.from({ length: Math.min(readAhead, stop - at) }, (_, n) => at + n);
      for (const { partition, page } of await Promise.all(ordinals.map(readPage))) {
        for (const row of page.entries) {
          const time = timeOf(row.address.id);
          const entry = time >= from && time < to ? read(row) : undefined;
          if (entry !== undefined && matches(entry, query)) entries.push(entry);
          if (entries.length === limit)
            return { entries, next: cursorAt(partition, row.address.id) };
        }
        if (!page.more) continue;
        const lastRead = page.entries.at(-1);
        // Going on with the next partition would leave entries out, and nobody would know.
        if (lastRead === undefined) throw new Error('A page of the journal holds no whole entry.');
        return { entries, next: cursorAt(partition, lastRead.address.id) };
      }
    }
    return stop < end ? { entries, next: cursorAt(partitionAt(stop, layout), '') } : { entries };
  };
