import type { Problem } from '../kernel/problem.ts';
import { inquiryRefusal } from './checks.ts';

/** How far one log has come. Times in milliseconds since 1970. */
export type LogStatus = {
  /** Everything asked before this is in the log; `never` where there is no log at all. */
  readonly sequencedUntil: number | 'never';
  /** When a quorum of witnesses last saw it; `not-wanted` where no quorum is asked for. */
  readonly witnessedAt: number | 'never' | 'not-wanted';
};

/** Says how far the log of a shard has come. Rejects with the problem `store-unavailable`. */
export type LogStatusReader = { readonly read: (shard: number) => Promise<LogStatus> };

/** How far a log may be behind, in seconds. */
export type LogLimits = {
  readonly sequencing: number;
  /** 0: it may be without its witnesses for ever. */
  readonly witness: number;
};

/** Seconds after which a caller may try again: an operator has work to do. */
const retryAfter = 60;

const askLater = 'Nothing was kept and nothing sent on; ask later.';

const isPast = (time: number | 'never', limit: number, now: number): boolean =>
  time === 'never' || now - time > limit * 1000;

/**
 * Why new inquiries must not be taken (audit-log.md §3): evidence that nobody can check for so long
 * is none. Undefined while the log is within its limits.
 */
export const checkLog = (
  { sequencedUntil, witnessedAt }: LogStatus,
  now: number,
  { sequencing, witness }: LogLimits,
): Problem | undefined => {
  if (isPast(sequencedUntil, sequencing, now)) {
    return inquiryRefusal('log-sequenced', askLater, { retryAfter });
  }
  const wanted = witness > 0 && witnessedAt !== 'not-wanted';
  if (wanted && isPast(witnessedAt, witness, now)) {
    return inquiryRefusal('log-witnessed', askLater, { retryAfter });
  }
  return undefined;
};
