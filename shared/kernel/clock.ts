/** The time now, in milliseconds since 1970-01-01T00:00:00Z. */
export type Clock = () => number;

/** Whole seconds since 1970, as a NumericDate (RFC 7519 §2). */
export const numericDate = (milliseconds: number): number => Math.floor(milliseconds / 1000);
