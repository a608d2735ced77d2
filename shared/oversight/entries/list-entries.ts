import { bucketOf } from '../../audit/address.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Narrowed } from '../../registry/scope.ts';
import type { CursorOf } from '../cursor.ts';
import { narrowedFor } from '../reader-scope.ts';
import type { AuditEntry } from './audit-entry.ts';
import { cursorQuery } from './audit-filter.ts';
import type { AuditQuery } from './audit-query.ts';
import { findOne, type OneParts } from './find-one.ts';
import {
  demandFresh,
  type Edge,
  type IndexReading,
  indexUnavailable,
  readEdge,
} from './index-edge.ts';
import { indexFilter } from './index-filter.ts';
import { type IndexPage, type IndexParts, indexPart } from './index-part.ts';
import { type JournalReading, journalPart, journalPeriods } from './journal-part.ts';
import { type CursorSealing, type ListingPlace, openPlace, sealPlace } from './listing-place.ts';
import { mostOfPage, sizeOf } from './page-size.ts';

/** What a listing came to, and where it goes on; absent at the end. */
type Part = {
  readonly entries: readonly AuditEntry[];
  readonly closed?: number;
  readonly next?: ListingPlace;
};

export type AuditPage = {
  readonly entries: readonly AuditEntry[];
  /** Where to go on; absent at the end. A page may be short, or empty, and still have one. */
  readonly next?: string;
  /** ISO 8601, UTC: what was asked before it comes from the index, what was asked later from the journal. */
  readonly indexed: string;
  /** How many do not show what is known from their vaults, since these do not open: for the operator. */
  readonly closed: number;
};

export type ListingParts = IndexReading & IndexParts & JournalReading & OneParts & CursorSealing;

type Listing = {
  readonly query: Narrowed<AuditQuery>;
  readonly edge: Edge;
  /** Where the index ends for this listing; as it was at the first page. */
  readonly until: number;
  readonly place: ListingPlace | undefined;
};

const ofIndex = (
  parts: ListingParts,
  { query, edge, until, place }: Listing,
): Promise<IndexPage> => {
  if (until > edge.until) throw indexUnavailable('The index is being made again.');
  return indexPart(parts)({
    filter: indexFilter(query, until),
    order: query.order ?? 'oldest',
    reaches: edge.reaches,
    after: place === undefined || place.in === 'journal' ? undefined : place.at,
    limit: query.limit,
    withTexts: query.include === 'record',
  });
};

/** The newest first: what the index has, and nothing that is still under way into it. */
const newest = async (parts: ListingParts, listing: Listing): Promise<Part> => {
  const { query, edge, until, place } = listing;
  if (place === undefined) await demandFresh(parts, edge, query.to);
  const { entries, position, more } = await ofIndex(parts, listing);
  return { entries, ...(more && { next: { in: 'index', edge: until, at: position } }) };
};

/** The oldest first: the index up to its end, and the journal from there on. */
const oldest = async (parts: ListingParts, listing: Listing): Promise<Part> => {
  const { query, until, place } = listing;
  const { to, limit } = query;
  const from = Math.max(query.from, until);
  const start = { bucket: bucketOf(from), slot: 0, after: '' };
  const inJournal = place?.in === 'journal' ? place : undefined;
  // A listing that went on in the index for days is too old, as one in the journal would be.
  const behind = place === undefined ? undefined : (inJournal ?? start);
  const look = () => journalPeriods(parts, { from, to, place: behind });
  // Looked at before the first page is shown: no listing stops half-way because it is too long.
  const looked = place === undefined && from < to ? await look() : undefined;
  const isIndexed = inJournal === undefined && query.from < Math.min(to, until);
  const indexed = isIndexed ? await ofIndex(parts, listing) : undefined;
  const found = indexed?.entries ?? [];
  if (indexed?.more === true) {
    return { entries: found, next: { in: 'index', edge: until, at: indexed.position } };
  }
  if (from >= to) return { entries: found };
  if (found.length === limit) {
    return { entries: found, next: { in: 'journal', edge: until, ...start } };
  }
  const { entries, closed, next } = await journalPart(parts)({
    query: { ...query, from },
    limit: limit - found.length,
    withTexts: query.include === 'record',
    room: found.reduce((room, entry) => room - sizeOf(entry), mostOfPage),
    isFirst: found.length === 0,
    periods: looked ?? (await look()),
    ...(inJournal !== undefined && { place: inJournal }),
  });
  return {
    entries: [...found, ...entries],
    closed,
    ...(next !== undefined && { next: { in: 'journal', edge: until, ...next } }),
  };
};

/**
 * Entries that a query means, page by page (`GET /v1/audit/entries`): what `reader` may see of them, each
 * once, whatever is asked and comes into the index meanwhile. A page's `next` tells nothing else either.
 * Throws the problems `out-of-scope`, `invalid-query` for a cursor of another, and `index-unavailable`
 * rather than leave anything out; an id that is not the reader's to see is answered as one that nobody
 * has.
 */
export const listEntries =
  (parts: ListingParts) =>
  async (query: AuditQuery, reader: string): Promise<AuditPage> => {
    const whose: CursorOf = { reader, of: 'listAuditEntries', query: cursorQuery(query) };
    const { id, cursor, order = 'oldest', include } = query;
    const place = cursor === undefined ? undefined : openPlace(parts, whose, cursor);
    const edge = await readEdge(parts);
    const until = place?.edge ?? edge.until;
    const narrowed = await narrowedFor(parts.directory)(query, reader, until);
    const indexed = toRfc3339(until);
    if (id !== undefined) {
      return { ...(await findOne(parts)(id, narrowed, edge, include === 'record')), indexed };
    }
    const listing = { query: narrowed, edge, until, place };
    const {
      entries,
      closed = 0,
      next,
    } = order === 'newest' ? await newest(parts, listing) : await oldest(parts, listing);
    return {
      entries,
      closed,
      ...(next !== undefined && { next: sealPlace(parts, whose, next) }),
      indexed,
    };
  };
