import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { bucketOf } from '../audit/address.ts';
import { Problem } from '../kernel/problem.ts';
import { ParticipantId } from '../message/claims.ts';

/** The longest stretch of time one query may cover, in milliseconds. */
export const maxRange = 24 * 3_600_000;

/** Where a listing goes on: in which partition, after which id. */
const Cursor = z
  .string()
  .regex(/^[0-9]{1,12}\.[0-9]{1,4}\.(?:[0-9a-f-]{36})?$/)
  .transform((text) => {
    const [bucket = '', slot = '', after = ''] = text.split('.');
    return { bucket: Number(bucket), slot: Number(slot), after };
  });

const Instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const Query = z.strictObject({
  from: Instant,
  to: Instant,
  counter: ParticipantId.startsWith('counter:').optional(),
  agency: ParticipantId.startsWith('agency:').optional(),
  service: z
    .string()
    .regex(/^[a-z0-9-]{1,41}\/[a-z0-9-]{1,41}(?:@[0-9]{1,4})?$/)
    .optional(),
  outcome: Outcome.optional(),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A listing of the journal: inquiries with from ≤ time inside the id < to, in milliseconds. */
export type AuditQuery = z.infer<typeof Query>;

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseAuditQuery = (
  parameters: Readonly<Record<string, string | undefined>>,
): AuditQuery => {
  const parsed = Query.safeParse(parameters);
  if (!parsed.success) {
    const known = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are missing, unknown or of the wrong form: ${[...new Set(known)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  const { from, to, cursor } = parsed.data;
  if (from >= to) throw new Problem('invalid-query', 'The to must be later than from.');
  if (to - from > maxRange) throw new Problem('invalid-query', 'At most 24 hours at a time.');
  if (cursor && (cursor.bucket < bucketOf(from) || cursor.bucket > bucketOf(to - 1))) {
    throw new Problem('invalid-query', 'The cursor belongs to another from and to.');
  }
  return parsed.data;
};
