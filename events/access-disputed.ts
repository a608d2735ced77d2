import * as z from 'zod';
import { InquiryName } from './names.ts';

/** Version of the record, its `v`. */
export const accessDisputedVersion = 1;

/**
 * The person whom an inquiry was about does not recognise it: a leaf by itself. `inquiry` is its id,
 * `ground` what is said against it; nothing tells who says so. `t` in milliseconds since 1970.
 */
export const AccessDisputed = z.strictObject({
  v: z.literal(accessDisputedVersion),
  k: z.literal('dispute'),
  id: z.string(),
  t: z.int(),
  inquiry: InquiryName,
  ground: z.enum(['not-me', 'not-asked', 'other']),
});
export type AccessDisputed = z.infer<typeof AccessDisputed>;

export const accessDisputedExample: AccessDisputed = {
  v: 1,
  k: 'dispute',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  inquiry: '01a9b4a5-3800-7abc-9def-0123456789ac',
  ground: 'not-asked',
};
