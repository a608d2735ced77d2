import { bucketLength, bucketOf } from '../../audit/address.ts';
import { belonging, type ProvinceOf } from '../../audit/export/belonging.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import type { JournalEntry } from '../../audit/ports.ts';
import type { LogFiles } from '../../audit/sequence/log-files.ts';
import { logSearch } from '../../audit/sequence/search.ts';
import type { Exchange } from '../../inquiry/exchange.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { entryOf } from '../entries/audit-entry.ts';
import { journalReach } from '../entries/index-edge.ts';
import { type JournalPlace, periodsWithin, scanJournal } from '../entries/scan-journal.ts';
import type { ExportPlan } from './export-plan.ts';
import type { Times } from './filter-ranges.ts';

/** Ids that are listed, as many as a manifest takes. */
const mostListed = 1000;

/** Rows that are looked at: more of them wait only while the log is far behind. */
const mostRows = 60_000;

/** Seconds after which it may have caught up. */
const behindTime = 60;

export type PendingParts = Pick<Exchange, 'now'> & {
  readonly journal: Pick<Exchange['journal'], 'list' | 'periods'>;
  readonly settings: Pick<Exchange['settings'], 'layout'>;
  readonly provinceOf: ProvinceOf;
};

/** A tree that an export is cut at. */
type CutLog = { readonly shard: number; readonly size: number; readonly files: LogFiles };

/** Up to which bucket a tree holds all inquiries that came in time, and what it has of that one. */
type Reached = { readonly bucket: number; readonly names: ReadonlySet<string> };

/** Where there is no tree yet, or none with an entry, all that the journal has still waits. */
const reachesNothing: Reached = { bucket: Number.NEGATIVE_INFINITY, names: new Set() };

const reachedBy = async ({ files, size }: CutLog): Promise<Reached> => {
  const search = logSearch(files, size);
  const bucket = await search.lastBucket();
  return bucket === undefined
    ? reachesNothing
    : { bucket, names: await search.namesOfBucket(bucket) };
};

/** From when on something may wait, as long as the journal keeps what it took. */
const waitsFrom = (trees: readonly Reached[], now: number): number =>
  Math.max(now - journalReach, Math.min(...trees.map(({ bucket }) => bucket * bucketLength)));

const isPending = (id: InquiryId, { bucket, names }: Reached): boolean => {
  const own = bucketOf(timeOf(id));
  return own > bucket || (own === bucket && !names.has(id));
};

/** Whether an inquiry that is in no tree would have a row. */
const belongs = async (
  row: JournalEntry,
  filtering: Filtering,
  provinceOf: ProvinceOf,
): Promise<boolean> => {
  const entry = entryOf(row);
  if (entry === undefined) return false;
  const { id, counter, by, agency, service, purpose, basis, station, presence } = entry;
  const { effect, rule, outcome } = entry;
  const view = {
    kind: 'inquiry',
    id,
    counter,
    agency,
    service,
    purpose,
    basis,
    station,
    presence,
    effect,
    rule,
    ...(by !== undefined && { by }),
    ...(outcome !== undefined && { outcome }),
  };
  const found = belonging(filtering, view, undefined);
  if (found !== 'untold') return found === 'row';
  const province = await provinceOf(counter, timeOf(row.address.id));
  return province !== undefined && belonging(filtering, view, province) === 'row';
};

/**
 * What a filter means of the inquiries that are durable and not in the trees of an export: how many, and
 * the first ids. Of a log that is not among `logs`, since no quorum has seen it, all of them are. What comes
 * late into an earlier bucket is not among them. Throws `log-behind` where too
 * many wait to be looked at; rejects with `store-unavailable`.
 */
export const pendingInquiries =
  (parts: PendingParts) =>
  async (
    filtering: Filtering,
    logs: readonly CutLog[],
    { from = 0, to = Number.POSITIVE_INFINITY }: Times,
  ): Promise<NonNullable<ExportPlan['pending']>> => {
    const { shards } = parts.settings.layout;
    const reached = new Map(
      Array.from({ length: shards }, (_, shard) => [shard, reachesNothing] as const),
    );
    for (const log of logs) reached.set(log.shard, await reachedBy(log));
    const first = waitsFrom([...reached.values()], parts.now());
    const range = { from: Math.max(from, first), to: Math.min(to, parts.now() + bucketLength) };
    if (range.from >= range.to) return { count: 0, ids: [] };
    const periods = await parts.journal.periods(...periodsWithin(range, parts.now()));
    const ids: InquiryId[] = [];
    let place: JournalPlace | undefined;
    let looked = 0;
    do {
      let next: JournalPlace | undefined;
      for await (const stretch of scanJournal(parts)({ ...range, limit: 1, place, periods })) {
        const tree = reached.get(stretch.partition.shard) ?? reachesNothing;
        looked += stretch.rows.length;
        if (looked > mostRows) {
          const said = 'Too much waits to come into the log to say what of it is meant.';
          throw new Problem('log-behind', said, { retryAfter: behindTime });
        }
        for (const row of stretch.rows) {
          const { id } = row.address;
          if (isPending(id, tree) && (await belongs(row, filtering, parts.provinceOf)))
            ids.push(id);
        }
        next = stretch.next;
      }
      place = next;
    } while (place !== undefined);
    const sorted = ids.toSorted((a, b) => (a < b ? -1 : 1));
    return { count: sorted.length, ids: sorted.slice(0, mostListed) };
  };
