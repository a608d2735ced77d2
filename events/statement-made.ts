import * as z from 'zod';

/** Version of the record, its `v`. */
export const statementMadeVersion = 1;

/**
 * A counter or an agency said what it has of its own: a leaf by itself. `statement` is its signed
 * message (JWS, compact), verbatim. `t` in milliseconds since 1970.
 */
export const StatementMade = z.strictObject({
  v: z.literal(statementMadeVersion),
  k: z.literal('statement'),
  id: z.string(),
  t: z.int(),
  statement: z.string().regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/),
});
export type StatementMade = z.infer<typeof StatementMade>;

export const statementMadeExample: StatementMade = {
  v: 1,
  k: 'statement',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  statement:
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJjb3VudGVyOjcyMTEwMzQ1Iiwic3RtIjp7ImFza2VkIjpbXSwiZGF5IjoiMjAyNy0wMS0xNCJ9fQ.AA',
};
