import * as z from 'zod';
import { Code } from '../message/claims.ts';
import type { ReadSnapshot } from './snapshot.ts';

/** How long the person whom an inquiry is about does not learn of it, and what kind of matter it is. */
const Delay = z.strictObject({ days: z.int().min(1).max(3650), class: Code });

/** The most bases that may have a delay. */
const mostBases = 64;

/**
 * Legal bases, by their codes, whose inquiries are shown to the person they are about only after some
 * days. They are public, so that everybody knows what may be missing.
 */
export const ConfidentialBases = z
  .record(Code, Delay)
  .refine((bases) => Object.keys(bases).length <= mostBases)
  .readonly();
export type ConfidentialBases = z.infer<typeof ConfidentialBases>;

const day = 86_400_000;

/** The delay of an inquiry by its legal basis, and until when it lasts, in milliseconds since 1970. */
export const delayOf = (
  bases: ConfidentialBases,
  { basis, t }: { readonly basis: string; readonly t: number },
): { readonly class: string; readonly until: number } | undefined => {
  const delay = Object.hasOwn(bases, basis) ? bases[basis] : undefined;
  return delay === undefined ? undefined : { class: delay.class, until: t + delay.days * day };
};

/** The longest delay of any basis, in milliseconds; 0 where there is none. */
export const longestDelay = (bases: ConfidentialBases): number =>
  Math.max(0, ...Object.values(bases).map(({ days }) => days * day));

/**
 * Reads snapshots that say which bases are confidential: so that a counter cannot hide what it asks from
 * the person by the mere naming of one.
 */
export const withConfidential = (bases: ConfidentialBases, read: ReadSnapshot): ReadSnapshot => {
  const confidential = Object.keys(bases);
  if (confidential.length === 0) return read;
  return async (...asked) => ({ ...(await read(...asked)), confidential });
};
