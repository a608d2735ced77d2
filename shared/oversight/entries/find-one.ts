import { addressOf } from '../../audit/address.ts';
import { findEntries } from '../../audit/index/query.ts';
import { objectsOfStep, type Reach } from '../../audit/index/walk.ts';
import type { LogIndex } from '../../audit/log-index.ts';
import type { JournalStore } from '../../audit/ports.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { isWithin, type Narrowed } from '../../registry/scope.ts';
import { type AuditEntry, entryOfFacts, matches } from './audit-entry.ts';
import type { EntryQuery } from './entry-query.ts';
import { type Edge, indexUnavailable, journalReach, overIndex } from './index-edge.ts';
import type { IndexParts } from './index-part.ts';
import { entryShown, type JournalReading } from './journal-part.ts';
import { withLeafTexts } from './leaf-texts.ts';

export type OneParts = IndexParts &
  Omit<JournalReading, 'journal'> & {
    readonly journal: Pick<JournalStore, 'read'>;
    /** Where the entries of a partition are in the log. */
    readonly places: Pick<LogIndex, 'find'>;
  };

/** The most stretches of leaves that are looked at for one id. */
const mostReaches = 16;

/** The leaves among which an id stands, as far as the index knows them. */
const reachesOf = async (
  { places, settings }: OneParts,
  id: InquiryId,
  { reaches }: Edge,
): Promise<readonly Reach[]> => {
  const address = addressOf(id, settings.layout);
  const { shard } = address;
  const known = reaches.find((one) => one.shard === shard)?.size ?? 0;
  const { ranges, late } = await places.find(address);
  const stretches = [
    ...ranges,
    ...late.filter((one) => one.id === id).map(({ index }) => ({ start: index, count: 1 })),
  ];
  return stretches
    .map(({ start, count }) => ({ shard, from: start, size: Math.min(known, start + count) }))
    .filter(({ from, size }) => from < size)
    .slice(0, mostReaches);
};

const inIndex = async (
  parts: OneParts,
  id: InquiryId,
  edge: Edge,
): Promise<AuditEntry | undefined> => {
  for (const reach of await reachesOf(parts, id, edge)) {
    const { entries } = await findEntries({
      segments: parts.index,
      shards: [reach],
      filter: { id },
      order: 'oldest',
      limit: 1,
      mostObjects: 2 * objectsOfStep,
    });
    const [facts] = entries;
    if (facts !== undefined) return entryOfFacts(facts);
  }
  return undefined;
};

/** One inquiry, and whether it does not show what its vault would say, since it does not open. */
export type OneFound = { readonly entries: readonly AuditEntry[]; readonly closed: number };

const nothing: OneFound = { entries: [], closed: 0 };

/**
 * One inquiry by its id, if it is what else is asked for and its reader's to see: from the index, or from
 * the journal while it is not there.
 */
export const findOne =
  (parts: OneParts) =>
  async (
    id: InquiryId,
    query: Narrowed<EntryQuery>,
    edge: Edge,
    withTexts: boolean,
  ): Promise<OneFound> => {
    const t = timeOf(id);
    if (t < query.from || t >= query.to) return nothing;
    const entry = t < edge.until ? await overIndex(() => inIndex(parts, id, edge)) : undefined;
    if (entry !== undefined) {
      if (!matches(entry, query) || !isWithin(query.within, entry)) return nothing;
      const entries = withTexts ? await withLeafTexts(parts.objects)([entry]) : [entry];
      return { entries, closed: 0 };
    }
    if (t >= edge.until && t < parts.now() - journalReach) {
      throw indexUnavailable('The index does not reach to what the journal still has.');
    }
    const rows = await parts.journal.read(addressOf(id, parts.settings.layout));
    const shown = await entryShown(parts)(query, withTexts)(rows);
    if (shown === undefined) return nothing;
    return { entries: [shown.entry], closed: shown.isClosed ? 1 : 0 };
  };
