import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { bucketOf } from '../audit/address.ts';
import { InquiryId, timeOf } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { Code, Decision, mayBeDelegate, ParticipantId, presences } from '../message/claims.ts';
import { toInput } from '../persian/text.ts';
import { Province } from '../registry/scope.ts';

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
  /** One inquiry; without from and to, the millisecond of its id is the range. */
  id: InquiryId.optional(),
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
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A listing of the journal: inquiries with from ≤ time inside the id < to, in milliseconds. */
export type AuditQuery = z.infer<typeof Query>;

type Parameters = Readonly<Record<string, string | undefined>>;

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Who asks for one inquiry need not say when it was asked: its id does. */
const withRange = (parameters: Parameters): Parameters => {
  const { data: id } = InquiryId.safeParse(parameters['id']);
  const isRanged = parameters['from'] !== undefined || parameters['to'] !== undefined;
  if (id === undefined || isRanged) return parameters;
  return { ...parameters, from: iso(timeOf(id)), to: iso(timeOf(id) + 1) };
};

/** Parses the query parameters; `invalid-query` says which are wrong, never what they held. */
export const parseAuditQuery = (parameters: Parameters): AuditQuery => {
  const parsed = Query.safeParse(withRange(parameters));
  if (!parsed.success) {
    const known = parsed.error.issues.map(({ path: [name] }) => String(name ?? 'a parameter'));
    const said = `These are missing, unknown or of the wrong form: ${[...new Set(known)].join(', ')}.`;
    throw new Problem('invalid-query', said);
  }
  const { from, to, id, cursor } = parsed.data;
  if (from >= to) throw new Problem('invalid-query', 'The to must be later than from.');
  if (to - from > maxRange) throw new Problem('invalid-query', 'At most 24 hours at a time.');
  if (id && cursor) throw new Problem('invalid-query', 'One inquiry has no further page.');
  if (cursor && (cursor.bucket < bucketOf(from) || cursor.bucket > bucketOf(to - 1))) {
    throw new Problem('invalid-query', 'The cursor belongs to another from and to.');
  }
  return parsed.data;
};
