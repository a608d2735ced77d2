import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { InquiryId } from '../kernel/id.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** What the asking counter may read of its inquiry; `receipt` is still to be checked. */
const InquiryStatus = z.looseObject({
  id: InquiryId,
  service: z.string(),
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
