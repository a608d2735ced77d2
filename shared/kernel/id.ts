import * as z from 'zod';

/** A UUIDv7 in lower case (RFC 9562 §5.7): made by the counter, the idempotency key of an inquiry. */
export const InquiryId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .brand<'InquiryId'>();
export type InquiryId = z.infer<typeof InquiryId>;

/** The milliseconds since 1970 that are embedded in a UUIDv7. */
export const timeOf = (id: InquiryId): number =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
