import type { Clock } from './clock.ts';
import { Problem } from './problem.ts';

type Options<Key, Value> = {
  readonly load: (key: Key) => Promise<Value | undefined>;
  readonly now: Clock;
  /** Milliseconds a found value is kept. */
  readonly ttl: number;
  /** Milliseconds it is remembered that there is nothing. */
  readonly absentTtl: number;
  /** Entries kept, found and absent alike; the oldest goes first. */
  readonly max: number;
  /** Look-ups a second that may find nothing, and how many at once: the store is spared the rest. */
  readonly misses: { readonly perSecond: number; readonly burst: number };
};

type Entry<Value> = { readonly value: Promise<Value | undefined>; expires: number };

/**
 * Remembers what a store said, for a bounded time and in a bounded space. Calls for one key while
 * it is being loaded share that load; a failed load is forgotten. When too many keys turn out to be
 * unknown, further unknown ones are refused (`rate-limited`) without asking the store.
 */
export const timedCache = <Key extends string, Value>(
  options: Options<Key, Value>,
): ((key: Key) => Promise<Value | undefined>) => {
  const { load, now, ttl, absentTtl, max, misses } = options;
  const entries = new Map<Key, Entry<Value>>();
  const budget = { left: misses.burst, at: now() };

  const refill = (): void => {
    const time = now();
    const earned = (Math.max(0, time - budget.at) / 1000) * misses.perSecond;
    budget.left = Math.min(misses.burst, budget.left + earned);
    budget.at = time;
  };

  const spend = (): void => {
    refill();
    if (budget.left < 1) {
      throw new Problem('rate-limited', 'Too many unknown names are being looked up.', {
        retryAfter: 1,
      });
    }
    budget.left -= 1;
  };

  const settle = async (key: Key, entry: Entry<Value>): Promise<void> => {
    try {
      const found = (await entry.value) !== undefined;
      entry.expires = now() + (found ? ttl : absentTtl);
      if (found) budget.left = Math.min(misses.burst, budget.left + 1);
    } catch {
      // The caller that started the load sees the failure; nobody else should meet it again.
      if (entries.get(key) === entry) entries.delete(key);
      budget.left = Math.min(misses.burst, budget.left + 1);
    }
  };

  const start = (key: Key): Promise<Value | undefined> => {
    spend();
    const entry: Entry<Value> = { value: load(key), expires: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    void settle(key, entry);
    const oldest = entries.keys().next();
    if (entries.size > max && oldest.done !== true) entries.delete(oldest.value);
    return entry.value;
  };

  return async (key) => {
    const entry = entries.get(key);
    if (entry !== undefined && now() < entry.expires) return entry.value;
    entries.delete(key);
    return start(key);
  };
};
