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

export type Measured = {
  /** Milliseconds of one call whose objects have yet to be opened, and of the same call again. */
  readonly cold: number;
  readonly warm: number;
  /** Until the page is full or the log at its end: calls, objects read, entries and milliseconds, cold. */
  readonly calls: number;
  readonly objects: number;
  readonly found: number;
  readonly all: number;
};

export const clocked = async <Result>(
  work: () => Promise<Result>,
): Promise<{ readonly ms: number; readonly result: Result }> => {
  const before = performance.now();
  const result = await work();
  return { ms: performance.now() - before, result };
};

const reads = ({ faults }: FilledIndex): number =>
  faults.calls('segment') + faults.calls('summary') + faults.calls('prints');

const opened = ({ source }: FilledIndex) => openedIndex(source, most, () => 0);

const measureOnce = async (index: FilledIndex, filter: EntryFilter): Promise<Measured> => {
  const shards = [{ shard: 0, size: index.size }];
  const page = { shards, filter, order: 'newest' as const, limit, mostObjects };
  const segments = opened(index);
  const cold = await clocked(() => findEntries({ ...page, segments }));
  const warm = await clocked(() => findEntries({ ...page, segments }));
  const fresh = opened(index);
  const before = reads(index);
  const all = await clocked(async () => {
    let [calls, found, more] = [0, 0, true];
    let after: Position | undefined;
    for (; more && found < limit; calls += 1) {
      const next = { ...page, segments: fresh, limit: limit - found };
      const got = await findEntries(after === undefined ? next : { ...next, after });
      found += got.entries.length;
      ({ position: after, more } = got);
    }
    return { calls, found };
  });
  const objects = reads(index) - before;
  return { cold: cold.ms, warm: warm.ms, ...all.result, objects, all: all.ms };
};

/** Medians of a page of the newest entries; the first round warms up and is not counted. */
export const measurePage = async (index: FilledIndex, filter: EntryFilter): Promise<Measured> => {
  await measureOnce(index, filter);
  const samples: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await measureOnce(index, filter));
  const middle = (of: (one: Measured) => number): number => median(samples.map(of));
  return {
    cold: middle(({ cold }) => cold),
    warm: middle(({ warm }) => warm),
    calls: middle(({ calls }) => calls),
    objects: middle(({ objects }) => objects),
    found: middle(({ found }) => found),
    all: middle(({ all }) => all),
  };
};
