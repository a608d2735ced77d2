import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { InstantText } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import { wholeNumber } from '../../kernel/whole-number.ts';
import { Code, Decision, mayBeDelegate, ParticipantId, presences } from '../../message/claims.ts';
import { toInput } from '../../persian/text.ts';
import { Province } from '../../registry/scope.ts';

/** What entries are filtered by, as a query names it. */
export const filterShape = {
  counter: ParticipantId.startsWith('counter:').optional(),
  /** Whoever signed in the counter's place. */
  by: ParticipantId.refine(mayBeDelegate).optional(),
  /** Of the counter, by its licence. */
  province: z
    .string()
    .transform(toInput)
    .refine((text) => Province.safeParse(text).success)
    .optional(),
  agency: ParticipantId.startsWith('agency:').optional(),
  service: z
    .string()
    .regex(/^[a-z0-9-]{1,41}\/[a-z0-9-]{1,41}(?:@[0-9]{1,4})?$/)
    .optional(),
  purpose: Code.optional(),
  basis: Code.optional(),
  station: Code.optional(),
  presence: z.enum(presences).optional(),
  effect: Decision.shape.effect.optional(),
  rule: Code.optional(),
  outcome: Outcome.optional(),
  /** The pseudonym of an operator, as entries show it: never a name, which would stand in the URL. */
  operator: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16}$/)
    .optional(),
  /** Whether a case number was given; an entry of which it is not known meets neither. */
  hasCase: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
} as const;

/** From ≤ time inside the id < to, in milliseconds since 1970. */
export const rangeShape = { from: InstantText, to: InstantText } as const;

const Filters = z.strictObject(filterShape);
export type Filters = z.infer<typeof Filters>;

/** Which entries are meant: what a listing, a summary and a question have in common. */
export type EntryQuery = Filters & { readonly from: number; readonly to: number };

/** How many of something a page has: a hundred where nothing is said. */
export const Limit = wholeNumber(1, 1000).default(100);

/** The parameters of a URL. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseQuery = <Query extends z.ZodType<EntryQuery>>(
  shape: Query,
  parameters: Parameters,
): z.infer<Query> => {
  const parsed = shape.safeParse(parameters);
  if (!parsed.success) {
    const known = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are missing, unknown or of the wrong form: ${[...new Set(known)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  if (parsed.data.from >= parsed.data.to) {
    throw new Problem('invalid-query', 'The to must be later than from.');
  }
  return parsed.data;
};
