import * as z from 'zod';
import { lastInstant } from './instant-text.ts';

/** The first 48 bits of an id of a time. */
const timeText = (milliseconds: number): string => {
  const time = milliseconds.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
};

/** What ids are too late from: the millisecond of one and the next can both be written. */
const tooLate = timeText(lastInstant);

/**
 * A UUIDv7 in lower case (RFC 9562 §5.7), before the end of the year 9999: made by the counter, the
 * idempotency key of an inquiry.
 */
export const InquiryId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, { abort: true })
  .refine((text) => text < tooLate)
  .brand<'InquiryId'>();
export type InquiryId = z.infer<typeof InquiryId>;

/** The milliseconds since 1970 that are embedded in a UUIDv7. */
export const timeOf = (id: InquiryId): number =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** Makes a UUIDv7 of a time in milliseconds since 1970; the other 74 bits come from `random`. */
export const newId = (milliseconds: number, random: (length: number) => Uint8Array): InquiryId => {
  const rest = Buffer.from(random(10)).toString('hex');
  // The variant, binary 10, before 62 random bits (RFC 9562 §4.1).
  const variant = '89ab'.charAt(Number.parseInt(rest.charAt(3), 16) % 4);
  return InquiryId.parse(
    `${timeText(milliseconds)}-7${rest.slice(0, 3)}-${variant}${rest.slice(4, 7)}-${rest.slice(7, 19)}`,
  );
};
