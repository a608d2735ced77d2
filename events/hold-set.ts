import * as z from 'zod';
import { OrderNumber, ParticipantName } from './names.ts';

/** Version of the record, its `v`. */
export const holdSetVersion = 1;

/**
 * A legal hold was placed, or released: a leaf by itself. What is held is not erased, whatever is
 * ordered and however old it is. `by` is who did it under which `order`, `kind` what sort of thing is
 * held. Never whom or which: that would tell whose case a court looks at. `t` in milliseconds since 1970.
 */
export const HoldSet = z.strictObject({
  v: z.literal(holdSetVersion),
  k: z.literal('hold'),
  id: z.string(),
  t: z.int(),
  by: ParticipantName,
  order: OrderNumber,
  what: z.enum(['placed', 'released']),
  kind: z.enum(['subject', 'inquiry', 'counter', 'everything']),
});
export type HoldSet = z.infer<typeof HoldSet>;

export const holdSetExample: HoldSet = {
  v: 1,
  k: 'hold',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  by: 'registrar:cra',
  order: 'court-12/05-779',
  what: 'placed',
  kind: 'subject',
};
