import type { SecretKey } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { endOfHoldWindow, type HoldKeyStore, holdWindowOf } from './hold-key-store.ts';
import type { Briefly, Random } from './ports.ts';
import { keyLength, unwrapKey, wrapKey } from './wrap-key.ts';

/**
 * The keys of held answers. An answer stands in its outcome's row for as long as that does; its key is
 * random, shared by all that are held until the same five minutes, and goes with them: what was held
 * can then be opened by nobody. No key of a window that has ended is given out.
 */
export type HoldKeys = {
  /**
   * The key to seal with what is held until then, made by whoever needs it first. Never rejects, and
   * waits for a store briefly only: undefined while no key can be had.
   */
  readonly keyUntil: (until: number) => Promise<SecretKey | undefined>;
  /**
   * The key to open what was held until then; undefined once it is gone. Rejects with the problem
   * `store-unavailable`.
   */
  readonly keyOf: (until: number) => Promise<SecretKey | undefined>;
};

type Parts = {
  readonly store: HoldKeyStore;
  /** Wraps the keys at rest. */
  readonly vaultKey: SecretKey;
  readonly now: Clock;
  readonly random: Random;
  readonly briefly: Briefly;
};

/** A key that was wrapped for another window or by another exchange opens nothing. */
const opened = (box: Uint8Array, window: number, vaultKey: SecretKey): SecretKey | undefined => {
  try {
    return unwrapKey(box, window, vaultKey);
  } catch {
    return undefined;
  }
};

/** Asks a store once a window for the key to seal with, and for every key to open with. */
export const holdKeys = ({ store, vaultKey, now, random, briefly }: Parts): HoldKeys => {
  const known = new Map<number, SecretKey>();
  const making = new Map<number, Promise<void>>();

  const isOver = (window: number): boolean => endOfHoldWindow(window) <= now();

  const forgetPast = (): void => {
    for (const window of known.keys()) if (isOver(window)) known.delete(window);
  };

  const make = async (window: number): Promise<void> => {
    const own = wrapKey(random(keyLength), window, { vaultKey, random });
    const key = opened(await store.make(window, own), window, vaultKey);
    if (key !== undefined) known.set(window, key);
  };

  const madeOnce = (window: number): Promise<void> => {
    const standing = making.get(window);
    if (standing !== undefined) return standing;
    const work = make(window).finally(() => making.delete(window));
    making.set(window, work);
    return work;
  };

  return {
    keyUntil: async (until) => {
      const window = holdWindowOf(until);
      forgetPast();
      if (!known.has(window) && !isOver(window)) await briefly(madeOnce(window));
      return isOver(window) ? undefined : known.get(window);
    },
    // Not from memory: once the key is taken away, no process opens anything.
    keyOf: async (until) => {
      const window = holdWindowOf(until);
      if (isOver(window)) return undefined;
      const box = await store.find(window);
      return box === undefined || isOver(window) ? undefined : opened(box, window, vaultKey);
    },
  };
};
