import type { EntryFilter } from '#shared/audit/index/filter.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { findEntries, type Position } from '#shared/audit/index/query.ts';
import type { FilledIndex } from './index-fill.ts';
import { median } from './measure.ts';

/** Entries of a page, and objects that one call may ask for. */
export const limit = 100;
export const mostObjects = 64;
export const rounds = 9;
/** What an index that is opened keeps. */
export const most = { segments: 64, summaries: 16 };

/** Milliseconds by the clock, and of CPU: what other work on the machine takes is in the first only. */
export type Cost = { readonly clock: number; readonly cpu: number };

export type Measured = {
  /**
   * Until the page is full or the log at its end, nothing opened before: what it cost, calls, objects
   * read and entries.
   */
  readonly cold: Cost;
  readonly calls: number;
  readonly objects: number;
  readonly found: number;
  /** The first call again, with what is kept. */
  readonly again: Cost;
};

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

export const costed = async <Result>(
  work: () => Promise<Result>,
): Promise<{ readonly cost: Cost; readonly result: Result }> => {
  const [clock, used] = [performance.now(), cpu()];
  const result = await work();
  return { cost: { clock: performance.now() - clock, cpu: cpu() - used }, result };
};

export const middleCost = (costs: readonly Cost[]): Cost => ({
  clock: median(costs.map(({ clock }) => clock)),
  cpu: median(costs.map(({ cpu: used }) => used)),
});

const reads = ({ faults }: FilledIndex): number =>
  faults.calls('segment') + faults.calls('summary') + faults.calls('prints');

const measureOnce = async (index: FilledIndex, filter: EntryFilter): Promise<Measured> => {
  const shards = [{ shard: 0, size: index.size }];
  const segments = openedIndex(index.source, most, () => 0);
  const page = { segments, shards, filter, order: 'newest' as const, limit, mostObjects };
  const before = reads(index);
  const { cost: cold, result } = await costed(async () => {
    let [calls, found, more] = [0, 0, true];
    let after: Position | undefined;
    for (; more && found < limit; calls += 1) {
      const next = { ...page, limit: limit - found };
      const got = await findEntries(after === undefined ? next : { ...next, after });
      found += got.entries.length;
      ({ position: after, more } = got);
    }
    return { calls, found };
  });
  const objects = reads(index) - before;
  const { cost: again } = await costed(() => findEntries(page));
  return { cold, ...result, objects, again };
};

/** Medians of a page of the newest entries; the first round warms up and is not counted. */
export const measurePage = async (index: FilledIndex, filter: EntryFilter): Promise<Measured> => {
  const first = await measureOnce(index, filter);
  const samples: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await measureOnce(index, filter));
  return {
    ...first,
    cold: middleCost(samples.map(({ cold }) => cold)),
    again: middleCost(samples.map(({ again }) => again)),
  };
};
