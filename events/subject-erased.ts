import * as z from 'zod';
import { OrderNumber, ParticipantName } from './names.ts';

/** Version of the record, its `v`. */
export const subjectErasedVersion = 1;

/**
 * Facts about persons were erased: a leaf by itself. `by` is who ordered it under which `order`, `what`
 * whether one subject was erased or all that was past its retention, `n` how many inquiries' facts are
 * gone. Never which: that would tie a person's inquiries together. `t` in milliseconds since 1970.
 */
export const SubjectErased = z.strictObject({
  v: z.literal(subjectErasedVersion),
  k: z.literal('erase'),
  id: z.string(),
  t: z.int(),
  by: ParticipantName,
  order: OrderNumber,
  what: z.enum(['subject', 'retention']),
  n: z.int().min(0),
});
export type SubjectErased = z.infer<typeof SubjectErased>;

export const subjectErasedExample: SubjectErased = {
  v: 1,
  k: 'erase',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  by: 'auditor:inspection',
  order: 'court-12/05-778',
  what: 'subject',
  n: 7,
};
