import * as z from 'zod';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import { longestCursor } from '../cursor.ts';
import { filterShape, Limit, type Parameters, parseQuery, rangeShape } from './entry-query.ts';

/** Entries of a page that show the texts of their leaves too, at most. */
export const mostRecords = 100;

/** Where to go on, sealed (cursor.ts). */
export const CursorText = z.string().min(1).max(longestCursor);

const Query = z.strictObject({
  ...rangeShape,
  /** One inquiry; without from and to, the millisecond of its id is the range. */
  id: InquiryId.optional(),
  ...filterShape,
  /** The oldest first where nothing is said. */
  order: z.enum(['oldest', 'newest']).optional(),
  /** `record`: with the texts that the leaves are made of. */
  include: z.literal('record').optional(),
  format: z.enum(['json', 'ndjson', 'csv']).optional(),
  cursor: CursorText.optional(),
  limit: Limit,
});

/** A listing of entries: inquiries with from ≤ time inside the id < to, in milliseconds. */
export type AuditQuery = z.infer<typeof Query>;

/** Who asks for one inquiry need not say when it was asked: its id does. */
const withRange = (parameters: Parameters): Parameters => {
  const { data: id } = InquiryId.safeParse(parameters['id']);
  const isRanged = parameters['from'] !== undefined || parameters['to'] !== undefined;
  if (id === undefined || isRanged) return parameters;
  return { ...parameters, from: toRfc3339(timeOf(id)), to: toRfc3339(timeOf(id) + 1) };
};

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseAuditQuery = (parameters: Parameters): AuditQuery => {
  const query = parseQuery(Query, withRange(parameters));
  const { id, cursor, include, limit } = query;
  if (id !== undefined && cursor !== undefined) {
    throw new Problem('invalid-query', 'One inquiry has no further page.');
  }
  if (include === 'record' && limit > mostRecords) {
    throw new Problem('invalid-query', `With include=record the limit is at most ${mostRecords}.`);
  }
  return query;
};
