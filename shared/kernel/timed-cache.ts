import type { Clock } from './clock.ts';
import { Problem } from './problem.ts';

type Options<Key, Value> = {
  readonly load: (key: Key) => Promise<Value>;
  readonly now: Clock;
  /** Milliseconds a found value is kept, and how many are kept; the oldest goes first. */
  readonly ttl: number;
  readonly max: number;
  /** Whether a value says that there is nothing; `undefined` does, unless this says otherwise. */
  readonly isAbsent?: (value: Value, key: Key) => boolean;
  /** The same for keys under which there is nothing; they never crowd out what was found. */
  readonly absentTtl: number;
  readonly maxAbsent: number;
  /** Look-ups a second that may find nothing, and how many at once: the store is spared the rest. */
  readonly misses: { readonly perSecond: number; readonly burst: number };
  /** Keys of different kinds have budgets of their own: a flood of one kind shuts no other out. */
  readonly kindOf?: (key: Key) => string;
};

type Entry<Value> = { readonly value: Promise<Value>; expires: number };

/** Keeps at most `max` members; a Map is in the order of insertion, so the first is the oldest. */
export const trim = (map: Map<unknown, unknown>, max: number): void => {
  const oldest = map.keys().next();
  if (map.size > max && oldest.done !== true) map.delete(oldest.value);
};

type TokenBucket = { readonly take: () => boolean; readonly refund: () => void };

/** A bucket of tokens that fills up again with time. */
export const tokenBucket = (
  { perSecond, burst }: Options<never, never>['misses'],
  now: Clock,
): TokenBucket => {
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
): ((key: Key) => Promise<Value>) => {
  const { load, now, ttl, max, absentTtl, maxAbsent, misses } = options;
  const { isAbsent = (value) => value === undefined, kindOf = () => '' } = options;
  const entries = new Map<Key, Entry<Value>>();
  const absent = new Map<Key, { readonly value: Value; readonly until: number }>();
  const budgets = new Map<string, TokenBucket>();
  const limit = {
    name: 'unknown-names',
    quota: misses.burst,
    window: misses.burst / misses.perSecond,
    left: 0,
    reset: 1,
  };

  const budgetOf = (key: Key): TokenBucket => {
    const kind = kindOf(key);
    const budget = budgets.get(kind) ?? tokenBucket(misses, now);
    budgets.set(kind, budget);
    return budget;
  };

  const forget = (key: Key, entry: Entry<Value>): void => {
    if (entries.get(key) === entry) entries.delete(key);
  };

  /** `charged`: what the look-up was taken from; it comes back when something was found. */
  const settle = async (
    key: Key,
    entry: Entry<Value>,
    charged: TokenBucket | undefined,
  ): Promise<void> => {
    try {
      const value = await entry.value;
      if (isAbsent(value, key)) {
        forget(key, entry);
        absent.delete(key);
        absent.set(key, { value, until: now() + absentTtl });
        trim(absent, maxAbsent);
        return;
      }
      entry.expires = now() + ttl;
    } catch {
      // The caller that started the load sees the failure; nobody else should meet it again.
      forget(key, entry);
    }
    charged?.refund();
  };

  const start = (key: Key, charged: TokenBucket | undefined): Promise<Value> => {
    const entry: Entry<Value> = { value: load(key), expires: Number.POSITIVE_INFINITY };
    entries.set(key, entry);
    trim(entries, max);
    void settle(key, entry, charged);
    return entry.value;
  };

  return async (key) => {
    const nothing = absent.get(key);
    if (nothing !== undefined && now() < nothing.until) return nothing.value;
    const entry = entries.get(key);
    if (entry !== undefined && now() < entry.expires) return entry.value;
    // What was found before is looked up again even while a flood uses the budget up.
    const charged = entry === undefined ? budgetOf(key) : undefined;
    if (charged?.take() === false) {
      const said = 'Too many unknown names are being looked up.';
      throw new Problem('rate-limited', said, { retryAfter: limit.reset, limits: [limit] });
    }
    entries.delete(key);
    return start(key, charged);
  };
};
