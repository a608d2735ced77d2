import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { tokenBucket } from '../kernel/timed-cache.ts';
import type { RegistryStore } from './ports.ts';

/** Look-ups of a past time, by all callers of a process together: nobody has to say who they are. */
export const pastLookUps = { perSecond: 100, burst: 1000 } as const;

const limit = {
  name: 'past-look-ups',
  quota: pastLookUps.burst,
  window: pastLookUps.burst / pastLookUps.perSecond,
  left: 0,
  reset: 1,
};

/**
 * A store that refuses to look into the past (`rate-limited`) when that is asked for too often, without
 * asking what is behind it. The present is read as ever.
 */
export const limitedPast = (store: RegistryStore, now: Clock): RegistryStore => {
  const budget = tokenBucket(pastLookUps, now);
  return {
    ...store,
    asOf: async (name, time) => {
      if (budget.take()) return store.asOf(name, time);
      const said = 'The past is being looked up too often.';
      throw new Problem('rate-limited', said, { retryAfter: limit.reset, limits: [limit] });
    },
  };
};
