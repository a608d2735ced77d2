import { ParticipantId } from '#shared/message/claims.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import { counterAt, serviceAt } from './registry-fill.ts';

/** What a process remembers of a large registry under a mix of callers as it may be. */
export type Mix = {
  readonly draws: number;
  /** The share that was known. */
  readonly hits: number;
  readonly hitMicroseconds: number;
  readonly missMicroseconds: number;
  /** What the cache holds when it is full, in MB. */
  readonly megabytes: number;
};

const [counters, services, draws] = [20_000, 200, 200_000];
const size = { agencies: 20 };

/** Numbers below `many`, the first the most often (Zipf's law, exponent 1), the same in every run. */
const zipf = (many: number, seed: number): (() => number) => {
  const weights = Array.from({ length: many }, (_, n) => 1 / (n + 1));
  const sums = new Float64Array(many);
  let sum = 0;
  for (const [n, weight] of weights.entries()) sums[n] = sum += weight;
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const wanted = (state / 2 ** 32) * sum;
    let [low, high] = [0, many - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

/** A store that makes what it is asked for, as if it had been read and parsed. */
const storeThatKnows = (): RegistryStore => {
  const { store } = memoryRegistryStore();
  const known = Array.from({ length: services }, (_, n) => serviceAt(n, size));
  const byRef = new Map<string, RegistryEntry>(known.map((one) => [one.ref, one]));
  return {
    ...store,
    readAll: async (names) =>
      names.map(({ kind, key }) => {
        if (kind === 'service') return byRef.get(key);
        if (kind !== 'participant') return undefined;
        return key.startsWith('counter:') ? counterOf(key) : agencyOf(key);
      }),
  };
};

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
};

/** Snapshots drawn by Zipf's law for both counters and services; the clock stands still. */
export const measureMix = async (): Promise<Mix> => {
  const base = storeThatKnows();
  let reads = 0;
  const store: RegistryStore = {
    ...base,
    readAll: (names) => {
      reads += 1;
      return base.readAll(names);
    },
  };
  const before = heap();
  const directory = cachedDirectory(store, () => 1_800_000_000_000);
  const [nextCounter, nextService] = [zipf(counters, 1), zipf(services, 2)];
  const ids = Array.from({ length: counters }, (_, n) => ParticipantId.parse(counterAt(n)));
  const refs = Array.from({ length: services }, (_, n) => serviceAt(n, size).ref);
  const spent = { hit: 0, miss: 0, misses: 0 };
  for (let n = 0; n < draws; n += 1) {
    const [id, ref] = [ids[nextCounter()], refs[nextService()]];
    if (id === undefined || ref === undefined) throw new Error('A draw is out of its range.');
    const [began, known] = [performance.now(), reads];
    await directory.snapshot(id, ref);
    const took = performance.now() - began;
    if (reads === known) {
      spent.hit += took;
    } else {
      spent.miss += took;
      spent.misses += 1;
    }
  }
  const hits = draws - spent.misses;
  const megabytes = heap() - before;
  // Used again, so that nothing of it was collected before it was weighed.
  await directory.version();
  return {
    draws,
    hits: hits / draws,
    hitMicroseconds: (spent.hit * 1000) / hits,
    missMicroseconds: (spent.miss * 1000) / Math.max(1, spent.misses),
    megabytes,
  };
};
