import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { InquiryId } from '../kernel/id.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** What those who asked may read of their inquiry; `receipt` is still to be checked. */
const InquiryStatus = z.looseObject({
  id: InquiryId,
  service: z.string(),
  /** The counter that was asked for, and who signed in its place; absent when it signed itself. */
  counter: z.string().optional(),
  by: z.string().optional(),
  /** ISO 8601, UTC. */
  asked: z.string(),
  state: z.enum(['open', 'closed']),
  outcome: Outcome.optional(),
  receipt: z.string().optional(),
});
export type InquiryStatus = z.infer<typeof InquiryStatus>;

export const readStatus = (json: unknown): InquiryStatus => {
  const parsed = InquiryStatus.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UntrustedReply('shape', 'This is not the status of an inquiry.');
};
