import * as z from 'zod';
import { InstantText } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import { wholeNumber } from '../../kernel/whole-number.ts';
import { longestCursor } from '../cursor.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

/** Inquiries of a page at most: each may stand in another bundle of the log. */
const mostShown = 50;

const Limit = wholeNumber(1, mostShown);

const AccessesQuery = z.strictObject({
  cursor: z.string().max(longestCursor).optional(),
  limit: Limit.default(20),
});
export type AccessesQuery = z.infer<typeof AccessesQuery>;

/** As the data tracker of Estonia names them (usage-response.ts); the person is that of the token. */
const UsageQuery = z.strictObject({
  format: z.literal('findUsage'),
  periodStart: InstantText.default(0),
  periodEnd: InstantText.default(Number.POSITIVE_INFINITY),
  offset: wholeNumber(0, 1_000_000).default(0),
  limit: Limit.default(mostShown),
});
export type UsageQuery = z.infer<typeof UsageQuery>;

const parse = <Query>(schema: z.ZodType<Query>, parameters: Parameters): Query => {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const known = Object.keys(UsageQuery.shape).concat(Object.keys(AccessesQuery.shape));
  const wrong = parsed.error.issues.map(({ path: [name] }) =>
    known.includes(String(name)) ? String(name) : 'a parameter',
  );
  const said = `These are unknown or of the wrong form: ${[...new Set(wrong)].join(', ')}.`;
  throw new Problem('invalid-query', said);
};

/**
 * What a person asks of its own inquiries; `invalid-query` says which parameters are wrong, never what
 * they held. A person's number has no place among them: the token says whose they are.
 */
export const parseOwnQuery = (parameters: Parameters): AccessesQuery | UsageQuery =>
  parameters['format'] === undefined
    ? parse(AccessesQuery, parameters)
    : parse(UsageQuery, parameters);
