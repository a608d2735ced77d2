import type { Clock } from '#shared/kernel/clock.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { PublishedKey } from './key-set.ts';

/** Milliseconds. */
export const keyTimes = {
  /** After which a set is asked for again; meanwhile it counts. */
  fresh: 600_000,
  /** After which whoever comes waits for the new set: a key that was taken back must not count on. */
  young: 3_600_000,
  /** Before which it is not, whatever ids strangers make up; twice as long after each failure. */
  coolDown: 30_000,
  /** The longest cool-down. */
  longestCoolDown: 120_000,
  /** The same while there is none at all. */
  retry: 2000,
  /** How long a set still counts while the provider is away. */
  longest: 86_400_000,
} as const;

type Loaded = { readonly keys: ReadonlyMap<string, PublishedKey>; readonly at: number };

/**
 * The key of an id; undefined where the provider publishes none of it. `failed` is one under which a
 * signature did not hold: the provider may have another one under that id since.
 */
export type FindKey = (kid: string, failed?: PublishedKey) => Promise<PublishedKey | undefined>;

/**
 * Remembers the keys that a provider publishes. A key that is known and young is given at once, and a
 * set that is no longer fresh is asked for meanwhile: nobody waits for what a stranger made up. An id
 * that is not known, or of which the key failed, waits for a new set, for a provider may have changed
 * its keys just now; one set at a time, and not more often than {@link keyTimes} has it.
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
  let failures = 0;

  /** Never rejects: nobody may wait for it. */
  const reload = async (): Promise<void> => {
    asked = now();
    try {
      known = { keys: await load(), at: now() };
      failure = undefined;
      failures = 0;
    } catch (error) {
      failure = error;
      failures += 1;
    } finally {
      loading = undefined;
    }
  };

  const pause = (): number =>
    known === undefined
      ? keyTimes.retry
      : Math.min(keyTimes.coolDown * 2 ** failures, keyTimes.longestCoolDown);

  return async (kid, failed) => {
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.at;
    const found = known?.keys.get(kid);
    const usable = found === failed ? undefined : found;
    const isWanted = usable === undefined || age >= keyTimes.fresh;
    if (loading === undefined && isWanted && now() - asked >= pause()) loading = reload();
    if (usable !== undefined && age < keyTimes.young) return usable;
    await loading;
    const key = known?.keys.get(kid);
    if (known !== undefined && key !== undefined && now() - known.at < keyTimes.longest) return key;
    if (known !== undefined && failure === undefined) return undefined;
    const said = 'The keys of the provider that knows persons cannot be had; try again.';
    throw new Problem('identity-provider-unavailable', said, { retryAfter: 5 }, { cause: failure });
  };
};
