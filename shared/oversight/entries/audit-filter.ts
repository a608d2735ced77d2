import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { JsonObject, JsonValue } from '../../kernel/strict-json.ts';
import type { EntryQuery } from './entry-query.ts';

/** What may be asked beside which entries are meant. */
type More = Readonly<Record<string, JsonValue | undefined>>;

/** What says how an answer is written, and not what is shown. */
const unsaid: ReadonlySet<string> = new Set(['cursor', 'format']);

/**
 * What a read asked for, to be put on record: every page of it has the same, so it holds no cursor.
 * Times are ISO 8601, UTC.
 */
export const filterOf = ({ from, to, ...rest }: EntryQuery & More): JsonObject =>
  Object.fromEntries(
    Object.entries({ ...rest, from: toRfc3339(from), to: toRfc3339(to) }).flatMap(
      ([name, value]) => (value === undefined || unsaid.has(name) ? [] : [[name, value]]),
    ),
  );

/** What the cursors of a read are bound to: a page may be larger or smaller than the one before. */
export const cursorQuery = ({ limit: _, ...query }: EntryQuery & More): JsonObject =>
  filterOf(query);
