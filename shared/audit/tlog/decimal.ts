const decimal = /^(?:0|[1-9][0-9]{0,19})$/;

/** One above the largest number that a size or an index may be on the wire. */
const limit = 2n ** 64n;

/** An unsigned 64-bit number in ASCII decimal without leading zeros; undefined for every other text. */
export const parseUint64 = (text: string): bigint | undefined => {
  if (!decimal.test(text)) return undefined;
  const value = BigInt(text);
  return value < limit ? value : undefined;
};

/**
 * A size or an index that this process counts with: at most 2^53 − 1. Undefined for a larger one;
 * a log that appends 10,000 entries a second gets there in 28,000 years.
 */
export const toSafe = (value: bigint): number | undefined =>
  value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
