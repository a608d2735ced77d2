import * as z from 'zod';
import type { JournalStore } from '../../audit/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { LimitState } from '../../kernel/limit-state.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { Directory } from '../../registry/directory.ts';
import type { Narrowed } from '../../registry/scope.ts';
import { type CursorOf, openCursor, sealCursor } from '../cursor.ts';
import type { AuditEntry } from '../entries/audit-entry.ts';
import { demandFresh, type Edge, type IndexReading, readEdge } from '../entries/index-edge.ts';
import { type CursorSealing, PositionPairs, pairsOf } from '../entries/listing-place.ts';
import { onRecord, type Read } from '../read-on-record.ts';
import { type LimitParts, spendReaderLimit } from '../reader-limit.ts';
import { narrowedFor } from '../reader-scope.ts';
import { type OperatorParts, operatorEntries, type Pseudonym } from './search-operator.ts';
import { type HistoryParts, HistoryPlace, subjectHistory } from './search-subject.ts';
import { type SubjectSearch, searchRange } from './subject-search.ts';

export type SearchParts = IndexReading &
  OperatorParts &
  HistoryParts &
  CursorSealing &
  LimitParts & {
    readonly journal: Pick<JournalStore, 'periods'>;
    readonly directory: Pick<Directory, 'participant'>;
    readonly now: Clock;
  };

/** Inquiries that were found, newest first. */
export type SearchPage = {
  readonly entries: readonly AuditEntry[];
  /** ISO 8601, UTC: what was searched, and that what was asked from then on is not searched yet. */
  readonly from: string;
  readonly to: string;
  readonly indexed: string;
  /** Of an operator: under which pseudonyms its entries are listed elsewhere. */
  readonly pseudonyms?: readonly Pseudonym[];
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
};

/** Times that were not said stay as they were at the first page. */
const Place = z.strictObject({
  from: z.int(),
  to: z.int(),
  at: z.union([HistoryPlace, PositionPairs]),
  /** Set where the page before it ended because so much was looked at. */
  stopped: z.literal(true).exactOptional(),
});
type Place = z.infer<typeof Place>;

type Found = {
  readonly entries: readonly AuditEntry[];
  readonly pseudonyms?: readonly Pseudonym[];
  readonly next?: JsonObject[string];
  readonly isStopped?: boolean;
};

type Asked = {
  readonly search: SubjectSearch;
  readonly query: Narrowed<{ readonly from: number; readonly to: number }>;
  readonly edge: Edge;
  readonly place: Place | undefined;
};

const find = async (parts: SearchParts, { search, query, edge, place }: Asked): Promise<Found> => {
  const { limit } = search;
  const at = place?.at;
  if ('subject' in search) {
    return subjectHistory(parts)(edge, {
      ...query,
      subject: search.subject,
      limit,
      place: at !== undefined && 'year' in at ? at : undefined,
    });
  }
  const { entries, pseudonyms, next } = await operatorEntries(parts)(edge, {
    operator: search.operator,
    query,
    limit,
    after: at !== undefined && !('year' in at) ? at : undefined,
  });
  return { entries, pseudonyms, ...(next !== undefined && { next: pairsOf(next) }) };
};

/** What is put on record of a search: never whom it was for. */
const filterOf = (search: SubjectSearch, range: { from: number; to: number }): JsonObject => ({
  ...('subject' in search
    ? { for: 'subject', type: search.subject.type }
    : { for: 'operator', counter: search.operator.counter }),
  from: toRfc3339(range.from),
  to: toRfc3339(range.to),
  limit: search.limit,
});

const bound = ({ cursor: _, limit: __, reason: ___, ...search }: SubjectSearch): JsonObject =>
  search;

/**
 * The inquiries about a person, or of whoever sat at a desk, under an order (`POST
 * /v1/audit/subject-search`): what the reader may see of them. A search is counted for its reader, and
 * each page is on record before it is shown, with the order and without the person. Throws
 * `rate-limited`, `out-of-scope`, `invalid-query` for the cursor of another search, and
 * `index-unavailable` rather than leave anything out.
 */
export const runSubjectSearch =
  (parts: SearchParts) =>
  async (
    search: SubjectSearch,
    sender: Pick<Read, 'by' | 'kid'>,
  ): Promise<{ readonly page: SearchPage; readonly limits: readonly LimitState[] }> => {
    const whose: CursorOf = { reader: sender.by, of: 'searchSubject', query: bound(search) };
    const { cursor, order, reason } = search;
    const place =
      cursor === undefined ? undefined : openCursor(parts.cursorKey, whose, cursor, Place);
    const range = place ?? searchRange(search, parts.now());
    const read: Read = {
      ...sender,
      act: 'subject-search',
      filter: filterOf(search, range),
      order,
      ...(reason !== undefined && { reason }),
    };
    // A further page is of the same search: it tries nobody else. To go on where a page was stopped tells
    // of inquiries that its reader may not see, so that is a search of its own.
    const isCounted = place === undefined || place.stopped === true;
    const limits = isCounted ? await spendReaderLimit(parts)('subject-searches', read) : [];
    const { found, until } = await onRecord(parts)(read, async () => {
      const edge = await readEdge(parts);
      const named = 'operator' in search ? { counter: search.operator.counter } : {};
      const query = await narrowedFor(parts.directory)(
        { from: range.from, to: range.to, ...named },
        sender.by,
        Number.POSITIVE_INFINITY,
      );
      await demandFresh(parts, edge, range.to);
      const came = await find(parts, { search, query, edge, place });
      return { n: came.entries.length, found: came, until: edge.until };
    });
    const { entries, pseudonyms, next, isStopped = false } = found;
    const { cursorKey: key, random } = parts;
    const times = { from: range.from, to: range.to, ...(isStopped && { stopped: true }) };
    return {
      limits,
      page: {
        entries,
        from: toRfc3339(range.from),
        to: toRfc3339(range.to),
        indexed: toRfc3339(until),
        ...(pseudonyms !== undefined && { pseudonyms }),
        ...(next !== undefined && {
          next: sealCursor({ key, random }, whose, { ...times, at: next }),
        }),
      },
    };
  };
