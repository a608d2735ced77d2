import * as z from 'zod';
import { InstantText } from '../kernel/instant-text.ts';
import { memberRoles } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import { wholeNumber } from '../kernel/whole-number.ts';
import { ParticipantId } from '../message/claims.ts';

/** What was true then, in milliseconds since 1970; now, where it is missing. */
const at = { at: InstantText.optional() };

const page = {
  /** The key behind which a page begins: `next` of the page before. */
  after: z.string().max(130).default(''),
  limit: wholeNumber(1, 100).default(50),
};

const OneQuery = z.strictObject(at);

const ParticipantsQuery = z.strictObject({ ...at, ...page, role: z.enum(memberRoles).optional() });
export type ParticipantsQuery = z.infer<typeof ParticipantsQuery>;

const GrantsQuery = z.strictObject({
  ...at,
  ...page,
  agency: ParticipantId.startsWith('agency:').optional(),
  /** A counter, or `*`: what an agency decided about everybody. */
  holder: z.union([ParticipantId, z.literal('*')]).optional(),
});
export type GrantsQuery = z.infer<typeof GrantsQuery>;

/** The most entries of a page of a past time: each is a look-up of its own, where the present is read in one. */
export const mostInThePast = 20;

/** A page of a past time holds fewer entries than it may be asked for; `next` leads on from there. */
const shorter = <Query extends { readonly at?: number | undefined; readonly limit: number }>(
  query: Query,
): Query =>
  query.at === undefined ? query : { ...query, limit: Math.min(query.limit, mostInThePast) };

type Parameters = Readonly<Record<string, string | undefined>>;

/** Parses query parameters; `invalid-query` says which are wrong, never what they held. */
const parserOf =
  <Query>(schema: z.ZodType<Query>) =>
  (parameters: Parameters): Query => {
    const parsed = schema.safeParse(parameters);
    if (parsed.success) return parsed.data;
    const known = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are unknown or of the wrong form: ${[...new Set(known)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  };

export const parseOneQuery = parserOf(OneQuery);
export const parseParticipantsQuery = parserOf(ParticipantsQuery.transform(shorter));
export const parseGrantsQuery = parserOf(GrantsQuery.transform(shorter));
