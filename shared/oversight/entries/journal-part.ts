import { bucketLength } from '../../audit/address.ts';
import type { JournalEntry } from '../../audit/ports.ts';
import type { Exchange } from '../../inquiry/exchange.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Directory } from '../../registry/directory.ts';
import type { Narrowed } from '../../registry/scope.ts';
import { shownBy } from '../reader-scope.ts';
import { type AuditEntry, entryOf } from './audit-entry.ts';
import type { EntryQuery } from './entry-query.ts';
import { indexUnavailable, journalReach } from './index-edge.ts';
import { sizeOf } from './page-size.ts';
import {
  type JournalPlace,
  periodsWithin,
  placeIn,
  type Scanned,
  scanJournal,
} from './scan-journal.ts';
import type { ReadVaulted } from './vaulted-facts.ts';

/** Periods in which something stands that one listing may cover: a day of them. */
const mostPeriods = 144;

export type JournalReading = Pick<Exchange, 'now'> & {
  readonly journal: Pick<Exchange['journal'], 'list' | 'periods'>;
  readonly settings: Pick<Exchange['settings'], 'layout'>;
  readonly directory: Pick<Directory, 'participant'>;
  readonly vaulted: ReadVaulted;
};

export type JournalAsked = Pick<Scanned, 'limit' | 'periods' | 'place'> & {
  readonly query: Narrowed<EntryQuery>;
  /** Whether the texts of the leaves are shown too. */
  readonly withTexts: boolean;
  /** What the entries may take (page-size.ts), and whether the first may take more. */
  readonly room: number;
  readonly isFirst: boolean;
};

/** Entries of the journal, and where to go on; absent at the end. */
export type JournalPage = {
  readonly entries: readonly AuditEntry[];
  /** How many of them do not show what their vault would say, since it does not open. */
  readonly closed: number;
  readonly next?: JournalPlace;
};

/**
 * The periods of the journal in which anything stands of a range. The journal forgets: what it may have
 * forgotten is not asked of it.
 */
export const journalPeriods = async (
  { journal, now }: Pick<JournalReading, 'journal' | 'now'>,
  { from, to, place }: Pick<Scanned, 'from' | 'to' | 'place'>,
): Promise<readonly number[]> => {
  const floor = now() - journalReach;
  if (place !== undefined && place.bucket * bucketLength < floor - bucketLength) {
    throw new Problem('invalid-query', 'The cursor is too old; begin the listing again.');
  }
  if (place === undefined && from < floor) {
    throw indexUnavailable('The index does not reach to what the journal still has.');
  }
  const periods = await journal.periods(...periodsWithin({ from, to }, now()));
  if (periods.length > mostPeriods) {
    const said = 'Of what is not in the index yet, at most 24 hours at a time.';
    throw new Problem('invalid-query', said);
  }
  return periods;
};

/** An entry of the journal as its reader is shown it, and whether its vault did not open. */
export type ShownEntry = { readonly entry: AuditEntry; readonly isClosed: boolean };

/** An entry of the journal as its reader is shown it; undefined where it is not. */
export const entryShown = ({ directory, vaulted }: Omit<JournalReading, 'journal'>) => {
  return (query: Narrowed<EntryQuery>, withTexts: boolean) => {
    const { operator, hasCase, ...clear } = query;
    const isShown = shownBy(directory)(clear);
    return async (
      row: Pick<JournalEntry, 'intent' | 'outcome'>,
    ): Promise<ShownEntry | undefined> => {
      const entry = entryOf(row, withTexts);
      const shown = entry === undefined ? undefined : await isShown(entry);
      if (shown === undefined || row.intent === undefined) return undefined;
      const facts = vaulted(shown, row.intent);
      const whole: AuditEntry = facts === 'closed' ? shown : { ...shown, ...facts };
      const isMeant =
        (operator === undefined || whole.operator === operator) &&
        (hasCase === undefined || whole.hasCase === hasCase);
      return isMeant ? { entry: whole, isClosed: facts === 'closed' } : undefined;
    };
  };
};

/**
 * What a query means of the journal, as much of it as one call may read. A page's `next` names no entry
 * but one that is shown.
 */
export const journalPart =
  (parts: JournalReading) =>
  async ({ query, withTexts, room, isFirst, ...scanned }: JournalAsked): Promise<JournalPage> => {
    const { from, to } = query;
    const show = entryShown(parts)(query, withTexts);
    const entries: AuditEntry[] = [];
    let [closed, left] = [0, room];
    let behind: JournalPlace | undefined;
    for await (const stretch of scanJournal(parts)({ from, to, ...scanned })) {
      for (const row of stretch.rows) {
        const shown = await show(row);
        if (shown === undefined) continue;
        const { entry, isClosed } = shown;
        left -= sizeOf(entry);
        if (left < 0 && !(isFirst && entries.length === 0)) {
          return { entries, closed, next: behind ?? placeIn(stretch.partition, '') };
        }
        entries.push(entry);
        closed += isClosed ? 1 : 0;
        behind = placeIn(stretch.partition, entry.id);
        if (entries.length === scanned.limit) return { entries, closed, next: behind };
      }
      if (stretch.next !== undefined) return { entries, closed, next: stretch.next };
    }
    return { entries, closed };
  };
