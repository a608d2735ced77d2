import { addressOf, type Layout } from '../../audit/address.ts';
import type { JournalStore, ObjectStore } from '../../audit/ports.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { tehranDayAt } from '../../persian/tehran-day.ts';
import { entryOf } from '../entries/audit-entry.ts';
import { type IndexReading, readEdge } from '../entries/index-edge.ts';
import { onRecord, type Read, type RecordParts } from '../read-on-record.ts';
import { answeredNumber, askedNumber, type Compared, compare, type OurEntry } from './compare.ts';
import { leafHashes } from './leaf-hashes.ts';
import { numbersNowhere } from './numbers-elsewhere.ts';
import { ownEntries } from './own-entries.ts';
import type { HandedRange, Reconciliation } from './reconciliation.ts';

export type ReconcilingParts = IndexReading &
  RecordParts & {
    /** The published log. */
    readonly objects: Pick<ObjectStore, 'get'>;
    readonly journal: Pick<JournalStore, 'read'>;
    readonly settings: { readonly layout: Layout };
  };

/** What one side has and the other has not, of a day from `from` up to `until`. */
export type Reconciled = {
  readonly day: string;
  /** ISO 8601, UTC, of the time inside the ids. */
  readonly from: string;
  readonly until: string;
  /** Whether that is all that was asked for; else go on from `until`. */
  readonly complete: boolean;
  /** ISO 8601, UTC: nothing that was asked from then on is compared yet. */
  readonly indexed: string;
  /** How many of the log agree with what was handed in. */
  readonly agreed: number;
  /**
   * Handed in, and not in the log: by id, or by numbers. Numbers are told only by a call that comes to the
   * end of the day, and only where the log has them nowhere on that day, the one before and the one after.
   */
  readonly yours: readonly ({ readonly id: string } | HandedRange)[];
  /**
   * Handed in by number, and of no entry that was compared, where it cannot be told whether the log has
   * them elsewhere: the call does not come to the end of the day, the index knows less than 27 hours behind
   * it, or there is too much to look through.
   */
  readonly unjudged: readonly HandedRange[];
  /** In the log, and not handed in. */
  readonly ours: readonly OurEntry[];
  /** In the log under another leaf hash than was handed in. */
  readonly differs: readonly string[];
  /** Handed in, durable in the journal, and not in the log. */
  readonly pending: readonly string[];
};

/** Entries that one call compares, about. */
const mostEntries = 2000;

/** Reads of the journal at once. */
const atOnce = 16;

/** Which of these stand in the journal as the reader's own. */
const inJournal = async (
  { journal, settings }: ReconcilingParts,
  ids: readonly InquiryId[],
  reader: string,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  const look = async (id: InquiryId): Promise<void> => {
    const entry = entryOf(await journal.read(addressOf(id, settings.layout)));
    if (entry !== undefined && [entry.counter, entry.agency].includes(reader)) found.add(id);
  };
  for (let at = 0; at < ids.length; at += atOnce) {
    await Promise.all(ids.slice(at, at + atOnce).map(look));
  }
  return found;
};

/** The ids of those whose leaf is another than their receipt promised. */
const differing = async (
  { objects }: ReconcilingParts,
  found: Compared['found'],
): Promise<readonly string[]> => {
  const hashOf = leafHashes(objects);
  const judged = found.map(async ({ record: { id, leaf }, leaf: place }) =>
    leaf === undefined || leaf === (await hashOf(place)) ? [] : [id],
  );
  return (await Promise.all(judged)).flat();
};

const compareDay = async (
  parts: ReconcilingParts,
  { day, from, to, records, ranges }: Reconciliation,
  reader: string,
): Promise<{ readonly n: number; readonly reconciled: Reconciled }> => {
  const isAgency = roleOf(reader) === 'agency';
  const edge = await readEdge(parts);
  const end = Math.min(to, edge.until);
  const whose = isAgency ? { agency: reader } : { counter: reader };
  const { entries, until } =
    end <= from
      ? { entries: [], until: from }
      : await ownEntries(parts, edge, { ...whose, from, to: end }, mostEntries);
  const handed = { records: records.filter(({ id }) => timeOf(id) < until), ranges };
  const { found, missing, unused, ours, known } = compare(entries, handed, {
    numberOf: isAgency ? answeredNumber : askedNumber,
    // What never reached an agency, or was not answered by it, it need not know of.
    expected: ({ answer }) => !isAgency || answer !== undefined,
  });
  const whole = tehranDayAt(day);
  const nowhere =
    whole !== undefined && until >= whole.until
      ? await numbersNowhere(parts, edge, { whose, day: whole }, unused)
      : undefined;
  const journalled = await inJournal(parts, missing, reader);
  const differs = await differing(parts, found);
  const reconciled: Reconciled = {
    day,
    from: toRfc3339(from),
    until: toRfc3339(until),
    complete: until >= to,
    indexed: toRfc3339(edge.until),
    agreed: known - differs.length,
    yours: [
      ...missing.filter((id) => !journalled.has(id)).map((id) => ({ id })),
      ...(nowhere ?? []),
    ],
    unjudged: nowhere === undefined ? unused : [],
    ours,
    differs,
    pending: missing.filter((id) => journalled.has(id)),
  };
  return { n: entries.length, reconciled };
};

/**
 * What a counter or an agency has of a day against what the log has of it (`POST /v1/reconciliations`):
 * each side learns what the other has and it has not, and nothing of anybody else's. On record before it
 * is shown. Where there is too much for one call, `until` says how far it came. Rejects with
 * `index-unavailable` and `store-unavailable`.
 */
export const reconcile =
  (parts: ReconcilingParts) =>
  async (handed: Reconciliation, sender: Pick<Read, 'by' | 'kid'>): Promise<Reconciled> => {
    const { day, from, to, records, ranges } = handed;
    const filter = {
      day,
      from: toRfc3339(from),
      to: toRfc3339(to),
      records: records.length,
      ranges: ranges.length,
    };
    const read: Read = { ...sender, act: 'reconciliation', filter };
    const { reconciled } = await onRecord(parts)(read, () => compareDay(parts, handed, sender.by));
    return reconciled;
  };
