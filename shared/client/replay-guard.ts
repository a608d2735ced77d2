import type { Clock } from '../kernel/clock.ts';

/** Whether a message is seen for the first time; `until` (ms) is when it can be forgotten. */
export type FirstUse = (jti: string, until: number) => boolean | Promise<boolean>;

/**
 * Remembers messages in this process until they expire. An agency that runs as several processes
 * needs one memory for all of them, such as a conditional write.
 */
export const memoryReplayGuard = (now: Clock): FirstUse => {
  const seen = new Map<string, number>();
  return (jti, until) => {
    // Insertion order is nearly the order of expiry, so the stale ones stand first.
    for (const [old, expires] of seen) {
      if (expires > now()) break;
      seen.delete(old);
    }
    if (seen.has(jti)) return false;
    seen.set(jti, until);
    return true;
  };
};
