import type { Clock } from '#shared/kernel/clock.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { PublishedKey } from './key-set.ts';

/** Milliseconds. */
export const keyTimes = {
  /** After which a set is asked for again. */
  fresh: 600_000,
  /** Before which it is not, whatever ids strangers make up. */
  coolDown: 30_000,
  /** The same while there is none at all. */
  retry: 2000,
  /** How long a set still counts while the provider is away. */
  longest: 86_400_000,
} as const;

type Loaded = { readonly keys: ReadonlyMap<string, PublishedKey>; readonly at: number };

/** The key of an id; undefined where the provider publishes none of it. */
export type FindKey = (kid: string) => Promise<PublishedKey | undefined>;

/**
 * Remembers the keys that a provider publishes. An id that is not among them is looked for in a new set,
 * for a provider may have changed its keys just now, but not more often than {@link keyTimes} has it.
 * While the provider is away its last keys count; without any, it is `identity-provider-unavailable`.
 */
export const rememberedKeys = (
  load: () => Promise<ReadonlyMap<string, PublishedKey>>,
  now: Clock,
): FindKey => {
  let known: Loaded | undefined;
  let asked = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;
  let failure: unknown;

  const reload = async (): Promise<void> => {
    asked = now();
    try {
      known = { keys: await load(), at: now() };
      failure = undefined;
    } catch (error) {
      failure = error;
    } finally {
      loading = undefined;
    }
  };

  const isDue = (kid: string): boolean => {
    if (known === undefined) return now() - asked >= keyTimes.retry;
    const isWanted = !known.keys.has(kid) || now() - known.at >= keyTimes.fresh;
    return isWanted && now() - asked >= keyTimes.coolDown;
  };

  return async (kid) => {
    if (loading === undefined && isDue(kid)) loading = reload();
    await loading;
    const key = known?.keys.get(kid);
    if (known !== undefined && key !== undefined && now() - known.at < keyTimes.longest) return key;
    if (known !== undefined && failure === undefined) return undefined;
    const said = 'The keys of the provider that knows persons cannot be had; try again.';
    throw new Problem('identity-provider-unavailable', said, { retryAfter: 5 }, { cause: failure });
  };
};
