import type { Clock } from './clock.ts';
import { Problem } from './problem.ts';

type Options<Key, Value> = {
  readonly load: (key: Key) => Promise<Value | undefined>;
  readonly now: Clock;
  /** Milliseconds a found value is kept, and how many are kept; the oldest goes first. */
  readonly ttl: number;
  readonly max: number;
  /** The same for keys under which there is nothing; they never crowd out what was found. */
  readonly absentTtl: number;
  readonly maxAbsent: number;
  /** Look-ups a second that may find nothing, and how many at once: the store is spared the rest. */
  readonly misses: { readonly perSecond: number; readonly burst: number };
};

type Entry<Value> = { readonly value: Promise<Value | undefined>; expires: number };

/** Keeps at most `max` members; a Map is in the order of insertion, so the first is the oldest. */
const trim = (map: Map<unknown, unknown>, max: number): void => {
  const oldest = map.keys().next();
  if (map.size > max && oldest.done !== true) map.delete(oldest.value);
};

/** A bucket of tokens that fills up again with time. */
const tokenBucket = ({ perSecond, burst }: Options<never, never>['misses'], now: Clock) => {
  const state = { left: burst, at: now() };
  const refund = (): void => {
    state.left = Math.min(burst, state.left + 1);
  };
  const take = (): boolean => {
    const time = now();
    state.left = Math.min(burst, state.left + (Math.max(0, time - state.at) / 1000) * perSecond);
    state.at = time;
    if (state.left < 1) return false;
    state.left -= 1;
    return true;
  };
  return { take, refund };
};

/**
 * Remembers what a store said, for a bounded time and in a bounded space. Calls for one key while
 * it is being loaded share that load; a failed load is forgotten. When too many keys turn out to be
 * unknown, further unknown ones are refused (`rate-limited`) without asking the store.
 */
export const timedCache = <Key extends string, Value>(
  options: Options<Key, Value>,
): ((key: Key) => Promise<Value | undefined>) => {
  const { load, now, ttl, max, absentTtl, maxAbsent, misses } = options;
  const entries = new Map<Key, Entry<Value>>();
  const absentUntil = new Map<Key, number>();
  const budget = tokenBucket(misses, now);
  const limit = {
    name: 'unknown-names',
    quota: misses.burst,
    window: misses.burst / misses.perSecond,
  };

  const forget = (key: Key, entry: Entry<Value>): void => {
    if (entries.get(key) === entry) entries.delete(key);
  };

  /** `charged`: whether the look-up was taken from the budget, and comes back when it found something. */
  const settle = async (key: Key, entry: Entry<Value>, charged: boolean): Promise<void> => {
    try {
      if ((await entry.value) === undefined) {
        forget(key, entry);
        absentUntil.delete(key);
        absentUntil.set(key, now() + absentTtl);
        trim(absentUntil, maxAbsent);
        return;
      }
      entry.expires = now() + ttl;
    } catch {
      // The caller that started the load sees the failure; nobody else should meet it again.
      forget(key, entry);
    }
    if (charged) budget.refund();
  };

  const start = (key: Key, charged: boolean): Promise<Value | undefined> => {
    const entry: Entry<Value> = { value: load(key), expires: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    trim(entries, max);
    void settle(key, entry, charged);
    return entry.value;
  };

  return async (key) => {
    if (now() < (absentUntil.get(key) ?? 0)) return undefined;
    const entry = entries.get(key);
    if (entry !== undefined && now() < entry.expires) return entry.value;
    // What was found before is looked up again even while a flood uses the budget up.
    const charged = entry === undefined;
    if (charged && !budget.take()) {
      const said = 'Too many unknown names are being looked up.';
      throw new Problem('rate-limited', said, { retryAfter: 1, limit });
    }
    entries.delete(key);
    return start(key, charged);
  };
};
