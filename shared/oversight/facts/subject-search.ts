import * as z from 'zod';
import { lastInstant } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { ParticipantId } from '../../message/claims.ts';
import { TypedSubject } from '../../persian/subject-input.ts';
import { Reason } from '../../registry/reason.ts';
import { CursorText } from '../entries/audit-query.ts';
import { rangeShape } from '../entries/entry-query.ts';
import { Order } from '../order.ts';
import { parseBody } from '../parse-body.ts';

/** Years that one search looks at, at most and where nothing is said. */
const mostYears = 10;
const year = 366 * 86_400_000;

const shared = {
  /** The number of the written order under which it is searched. */
  order: Order,
  reason: Reason.exactOptional(),
  /** Of the time inside the id: from ≤ time < to. */
  from: rangeShape.from.exactOptional(),
  to: rangeShape.to.exactOptional(),
  cursor: CursorText.exactOptional(),
  limit: z.int().min(1).max(100).default(20),
};

const Body = z.union([
  z.strictObject({ subject: TypedSubject, ...shared }),
  z.strictObject({
    /** A name means something at its counter only. */
    operator: z.strictObject({
      counter: ParticipantId.startsWith('counter:'),
      name: z.string().min(1).max(128),
    }),
    ...shared,
  }),
]);

/** Whose inquiries are searched for: those about somebody, or those of somebody at a desk. */
export type SubjectSearch = z.infer<typeof Body>;

const wrong = (pointer: string, detail: string): Problem =>
  new Problem('invalid-body', `This cannot be searched for: ${pointer.slice(1)}.`, {
    errors: [{ pointer, detail }],
  });

/** Says of a body of two kinds what is wrong with it as the kind that it is. */
const kindOf = (json: JsonObject): z.ZodType<SubjectSearch> => {
  const [bySubject, byOperator] = Body.options;
  return 'operator' in json && !('subject' in json) ? byOperator : bySubject;
};

/** Parses what was posted; `invalid-body` says what is missing or wrong, never what it held. */
export const parseSubjectSearch = (json: JsonObject): SubjectSearch => {
  const search = parseBody(kindOf(json), json);
  const { from, to } = search;
  if (from !== undefined && to !== undefined) {
    if (from >= to) throw wrong('/to', 'must be later than from');
    if (to - from > mostYears * year) throw wrong('/from', `at most ${mostYears} years at a time`);
  }
  return search;
};

/** The times between which is searched: what is not said reaches as far as one search may. */
export const searchRange = (
  { from, to }: Pick<SubjectSearch, 'from' | 'to'>,
  now: number,
): { readonly from: number; readonly to: number } => {
  const longest = mostYears * year;
  const end = to ?? (from === undefined ? now + 1 : Math.min(lastInstant, from + longest));
  return { from: from ?? Math.max(0, end - longest), to: end };
};
