import * as z from 'zod';

/** The last millisecond whose year RFC 3339 can write: behind it `toISOString` has six digits. */
export const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A time of RFC 3339 as milliseconds since 1970: from then on, and none whose year in UTC has five digits. */
export const InstantText = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((time) => time >= 0 && time <= lastInstant);

/**
 * Milliseconds since 1970 as a time of RFC 3339 in UTC, with three digits of a second; one that no
 * calendar shows, as what it is.
 */
export const toRfc3339 = (milliseconds: number): string =>
  milliseconds <= lastInstant
    ? new Date(milliseconds).toISOString()
    : `${milliseconds} ms since 1970`;
