import * as z from 'zod';
import type { CountBy } from '../../audit/index/count.ts';
import { CursorText } from './audit-query.ts';
import { filterShape, Limit, type Parameters, parseQuery, rangeShape } from './entry-query.ts';

/** What entries may be counted by. */
export const countable = [
  'counter',
  'agency',
  'service',
  'purpose',
  'outcome',
  'rule',
  'province',
  'station',
  'day',
  'hour',
] as const satisfies readonly CountBy[];

/** One to four of them, each once, between commas. */
const By = z
  .string()
  .max(64)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(countable)).min(1).max(4))
  .refine((names) => new Set(names).size === names.length);

const { by: delegate, ...filters } = filterShape;

const Query = z
  .strictObject({
    ...rangeShape,
    ...filters,
    /** Whoever signed in the counter's place: a listing calls it `by`. */
    delegate,
    by: By,
    cursor: CursorText.optional(),
    limit: Limit,
  })
  .transform(({ by: count, delegate: by, ...query }) => ({ ...query, by, count }));

/** A summary of entries: which are meant, and what they are counted by. */
export type SummaryQuery = z.infer<typeof Query>;

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseSummaryQuery = (parameters: Parameters): SummaryQuery =>
  parseQuery(Query, parameters);
