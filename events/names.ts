import * as z from 'zod';

/** How a record names who did something: `<role>:<name>`, as in kernel/participant-id.ts. */
export const ParticipantName = z.string().regex(/^[a-z]{1,10}:[a-z0-9][a-z0-9-]{0,51}$/);

/** A SHA-256 in base64url: a key by its RFC 7638 thumbprint, or a root. */
export const DigestName = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** A UUIDv7 in lower case (RFC 9562 §5.7), as in kernel/id.ts. */
export const InquiryName = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/**
 * The number of a written order. It stands in the log for good, so it must not be able to hold a
 * person's number: nine digits of a national id give the tenth away, so never nine of them without a
 * letter between.
 */
export const OrderNumber = z
  .string()
  .regex(/^[A-Za-z0-9]+(?:[-.:/][A-Za-z0-9]+)*$/)
  .max(64)
  .regex(/^(?!.*[0-9](?:[^A-Za-z]*[0-9]){8})/);
