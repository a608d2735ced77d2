import * as z from 'zod';

/** The time now, in milliseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => number;

/** Whole seconds since 1970, as a NumericDate (RFC 7519 §2). */
export const numericDate = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Milliseconds since 1970 that a calendar can show (ECMA-262 §21.4.1.1). */
export const Instant = z.int().min(0).max(8_640_000_000_000_000);
