import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { requestFacts } from '../../message/claims.ts';
import { Reason } from '../../registry/reason.ts';
import { Order } from '../order.ts';
import { parseBody } from '../parse-body.ts';

/** Who or what was asked about: to be opened under a written order only. */
const personal: ReadonlySet<string> = new Set(['subject', 'params']);

const Body = z
  .strictObject({
    inquiry: InquiryId,
    fact: z.enum(requestFacts),
    order: Order.exactOptional(),
    reason: Reason,
  })
  .refine(({ fact, order }) => order !== undefined || !personal.has(fact), { path: ['order'] });

/** One fact of one inquiry that is to be opened, and why. */
export type DisclosureRequest = z.infer<typeof Body>;

/** Parses what was posted; `invalid-body` says what is missing or wrong, never what it held. */
export const parseDisclosureRequest = (json: JsonObject): DisclosureRequest =>
  parseBody(Body, json);
