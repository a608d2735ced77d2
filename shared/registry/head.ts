import type { Clock } from '../kernel/clock.ts';
import type { RegistryStore } from './ports.ts';

/** The number of the newest change that has taken effect, as it was read a while ago or just now. */
export type Head = {
  /** Remembered for at most the time given. */
  readonly known: () => Promise<number>;
  /** Read by a call that is under way or starts now. */
  readonly again: () => Promise<number>;
};

/** `ttl` in milliseconds. Calls share the read that is under way; a failed one is forgotten. */
export const cachedHead = (
  store: Pick<RegistryStore, 'version'>,
  { now, ttl }: { readonly now: Clock; readonly ttl: number },
): Head => {
  const state: { loading?: Promise<number>; known?: number; until: number } = { until: 0 };
  const load = async (): Promise<number> => {
    try {
      state.known = await store.version();
      state.until = now() + ttl;
      return state.known;
    } finally {
      delete state.loading;
    }
  };
  const again = (): Promise<number> => {
    state.loading ??= load();
    return state.loading;
  };
  return {
    again,
    known: async () => (state.known !== undefined && now() < state.until ? state.known : again()),
  };
};
