import * as z from 'zod';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { Instant } from '../kernel/clock.ts';
import { InquiryId } from '../kernel/id.ts';
import { RegistryEntry } from './entry.ts';

/** The most entries that one command changes. */
export const mostEntries = 8;

/** One change of the registry: the command that made it, and what it led to. */
export const Change = z.strictObject({
  /** 1, 2, 3 … without a gap. */
  n: z.int().min(1),
  /** Milliseconds since 1970; never before that of the change before. */
  t: Instant,
  /** The id of its command. */
  id: InquiryId,
  /** The id of its leaf in the log. */
  leaf: InquiryId,
  /** The command, verbatim. */
  command: z.string().min(1),
  /** The entries that changed, whole, each with this `n`. */
  entries: z.array(RegistryEntry).min(1).max(mostEntries),
});
export type Change = z.infer<typeof Change>;

const Json = z.record(z.string(), z.json());

const textOf = (change: Change): string =>
  canonicalJson(Json.parse(JSON.parse(JSON.stringify(change))));

/** Whether two are the very same change, whatever the order of their members. */
export const sameChange = (one: Change, other: Change): boolean => textOf(one) === textOf(other);
