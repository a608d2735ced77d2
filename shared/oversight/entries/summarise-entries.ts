import { type CountBy, countEntries } from '../../audit/index/count.ts';
import { objectsOfStep } from '../../audit/index/walk.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { tehranAhead } from '../../persian/tehran-day.ts';
import type { Directory } from '../../registry/directory.ts';
import type { CursorOf } from '../cursor.ts';
import { narrowedFor } from '../reader-scope.ts';
import { cursorQuery } from './audit-filter.ts';
import {
  demandFresh,
  type IndexReading,
  indexUnavailable,
  overIndex,
  reachesOfTime,
  readEdge,
} from './index-edge.ts';
import { indexFilter } from './index-filter.ts';
import { type CursorSealing, openPlace, sealPlace } from './listing-place.ts';
import type { SummaryQuery } from './summary-query.ts';

/** What one call may ask of the index: a million entries, where they fill it. */
const objectsPerCall = 256;

/** Values that a part of a summary tells at most: what it leaves out cannot be added to the others'. */
export const mostValues = 20_000;

/** How many entries say one thing; null where it is not known. */
export type Counted = { readonly value: string | null; readonly n: number };

export type CountsBy = {
  readonly by: CountBy;
  /** Days and hours in their order, all else by how many there are. */
  readonly counts: readonly Counted[];
  /** What is not told one by one: how many values, and how many entries say them. */
  readonly rest?: { readonly values: number; readonly n: number };
};

export type EntrySummary = {
  /** ISO 8601, UTC: from ≤ the time inside the id < until is counted. The index ends at `until` at the latest. */
  readonly from: string;
  readonly until: string;
  /** Entries that were counted in this answer. */
  readonly n: number;
  readonly summary: readonly CountsBy[];
  /** Where to go on: this is a part then, and what the next ones count is to be added. */
  readonly next?: string;
};

export type SummaryParts = IndexReading &
  CursorSealing & {
    readonly directory: Pick<Directory, 'participant'>;
    readonly journal: Parameters<typeof demandFresh>[0]['journal'];
    readonly now: Parameters<typeof demandFresh>[0]['now'];
  };

const inOrder =
  (by: CountBy) =>
  (a: readonly [string, number], b: readonly [string, number]): number => {
    const byLabel = a[0] < b[0] ? -1 : 1;
    return by === 'day' || by === 'hour' ? byLabel : b[1] - a[1] || byLabel;
  };

/** The counts of one column, those of the most entries first; the rest as a sum. */
const told = (by: CountBy, counts: ReadonlyMap<string, number>, most: number): CountsBy => {
  const all = [...counts].toSorted(inOrder(by));
  const rest = all.slice(most);
  return {
    by,
    counts: all.slice(0, most).map(([label, n]) => ({ value: label === '' ? null : label, n })),
    ...(rest.length > 0 && {
      rest: { values: rest.length, n: rest.reduce((sum, [, n]) => sum + n, 0) },
    }),
  };
};

const isTime = (by: CountBy): boolean => by === 'day' || by === 'hour';

/**
 * How many entries a query means, by some of what they say (`GET /v1/audit/summary`): what `reader` may
 * see of them, as far as the index knows it. One call counts as much as it may; a part tells all of its
 * values, and only a whole is cut to the `limit` greatest. Throws as `listEntries` does.
 */
export const summariseEntries = (parts: SummaryParts) => {
  const ahead = tehranAhead();
  return async (query: SummaryQuery, reader: string): Promise<EntrySummary> => {
    const whose: CursorOf = { reader, of: 'summariseEntries', query: cursorQuery(query) };
    const { cursor, count, limit, from, to } = query;
    const place = cursor === undefined ? undefined : openPlace(parts, whose, cursor);
    const edge = await readEdge(parts);
    const until = place?.edge ?? edge.until;
    const narrowed = await narrowedFor(parts.directory)(query, reader, until);
    if (place === undefined) await demandFresh(parts, edge, to);
    if (until > edge.until) throw indexUnavailable('The index is being made again.');
    const end = Math.max(from, Math.min(to, until));
    const filter = indexFilter(narrowed, until);
    const counted = await overIndex(async () =>
      countEntries({
        segments: parts.index,
        shards: await reachesOfTime(parts.index, edge.reaches, filter),
        filter,
        by: count,
        ahead,
        ...(place?.in === 'index' && { after: place.at }),
        mostObjects: Math.max(objectsPerCall, objectsOfStep * parts.shards),
      }),
    );
    const { counts, total, position, more } = counted;
    const isPart = more || place !== undefined;
    return {
      from: toRfc3339(from),
      until: toRfc3339(end),
      n: total,
      summary: count.map((by, at) => {
        const most = isPart || isTime(by) ? mostValues : limit;
        return told(by, counts[at] ?? new Map(), most);
      }),
      ...(more && { next: sealPlace(parts, whose, { in: 'index', edge: until, at: position }) }),
    };
  };
};
