import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { type EntryFilter, matches } from '#shared/audit/index/filter.ts';
import { IndexIncomplete, IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { findEntries, type Page, type Query } from '#shared/audit/index/query.ts';
import {
  memorySegmentSource,
  printsKey,
  segmentKey,
  summaryKey,
} from '#shared/audit/index/segment-source.ts';
import { encodeSummary } from '#shared/audit/index/summary.ts';
import {
  factsFrom,
  factsOf,
  fill,
  filters,
  indexOf,
  segmentOf,
  someFilters,
  start,
  tagOf,
} from './sample-facts.ts';

const width = 4096;
const most = { segments: 8, summaries: 4 };

/** All pages after each other. */
const pagesOf = async (query: Query): Promise<readonly Page[]> => {
  const pages: Page[] = [await findEntries(query)];
  for (let last = pages[0]; last?.more === true; last = pages.at(-1)) {
    pages.push(await findEntries({ ...query, after: last.position }));
    if (pages.length > 5000) throw new Error('The pages do not come to an end.');
  }
  return pages;
};

const sizeOf = (facts: readonly EntryFacts[]): number => (facts.at(-1)?.index ?? -1) + 1;

/** Two shards, the first over three segments. */
const logs = fc
  .tuple(factsFrom(0), factsFrom(width), factsFrom(2 * width), factsFrom(0, 5))
  .map(([a, b, c, other]) => ({ first: [...a, ...b, ...c], other }));

describe('findEntries', () => {
  it('shows every entry that matches once, in the order of each log', async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.oneof(someFilters, filters),
        fc.constantFrom('newest' as const, 'oldest' as const),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 6, max: 12 }),
        fc.boolean(),
        async ({ first, other }, filter, order, limit, mostObjects, summaries) => {
          const memory = memorySegmentSource();
          const shards = [
            { shard: 0, size: sizeOf(first) },
            { shard: 5, size: sizeOf(other) },
          ];
          fill(memory, first, { shard: 0, size: sizeOf(first), summaries });
          fill(memory, other, { shard: 5, size: sizeOf(other), summaries });
          const segments = openedIndex(memory.source, most, () => 0);
          const query = { segments, shards, filter, order, limit, mostObjects };
          const pages = await pagesOf(query);
          const found = pages.flatMap(({ entries }) => entries);
          for (const { entries } of pages) expect(entries.length).toBeLessThanOrEqual(limit);
          for (const log of [first, other]) {
            const wanted = log.filter((one) => matches(filter, one));
            const shown = found.filter(({ shard }) => shard === log[0]?.shard);
            expect(shown).toEqual(order === 'oldest' ? wanted : wanted.toReversed());
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  const inTurns = Array.from({ length: 10 }, (_, n) => [
    factsOf({ index: n, t: start + n * 10 }),
    factsOf({ index: n, t: start + n * 10 + 5, shard: 1 }),
  ]).flat();
  const ofShard = (shard: number) => inTurns.filter((one) => one.shard === shard);
  const two = () => {
    const memory = memorySegmentSource();
    for (const shard of [0, 1]) fill(memory, ofShard(shard), { shard, size: 10 });
    return memory;
  };
  const reaches = [
    { shard: 0, size: 10 },
    { shard: 1, size: 10 },
  ];
  const queryOf = (parts: Partial<Query> & Pick<Query, 'segments'>): Query => ({
    shards: reaches,
    filter: {},
    order: 'newest',
    limit: 7,
    mostObjects: 100,
    ...parts,
  });

  it('merges the logs by time', async () => {
    const segments = openedIndex(two().source, most, () => 0);
    const newest = await pagesOf(queryOf({ segments }));
    expect(newest.flatMap(({ entries }) => entries)).toEqual(inTurns.toReversed());
    const oldest = await pagesOf(queryOf({ segments, order: 'oldest' }));
    expect(oldest.flatMap(({ entries }) => entries)).toEqual(inTurns);
    expect(oldest.map(({ entries, more }) => [entries.length, more])).toEqual([
      [7, true],
      [7, true],
      [6, false],
    ]);
  });

  it('goes on where it was, whatever was appended meanwhile', async () => {
    const memory = two();
    const segments = openedIndex(memory.source, most, () => 0);
    const [newest, oldest] = [
      await findEntries(queryOf({ segments })),
      await findEntries(queryOf({ segments, order: 'oldest' })),
    ];
    const added = factsOf({ index: 10, t: start + 101 });
    const fresh = factsOf({ index: 0, t: start + 102, shard: 2 });
    fill(memory, [...ofShard(0), added], { shard: 0, size: 11 });
    fill(memory, [fresh], { shard: 2, size: 1 });
    const shards = [
      { shard: 0, size: 11 },
      { shard: 1, size: 10 },
      { shard: 2, size: 1 },
    ];
    const rest = async (page: Page, order: Query['order']) =>
      (await pagesOf(queryOf({ segments, shards, order, after: page.position }))).flatMap(
        ({ entries }) => entries,
      );
    expect([...newest.entries, ...(await rest(newest, 'newest'))]).toEqual(inTurns.toReversed());
    expect([...oldest.entries, ...(await rest(oldest, 'oldest'))]).toEqual([
      ...inTurns,
      added,
      fresh,
    ]);
  });

  it('looks at some of the leaves, where only those are meant', async () => {
    const segments = openedIndex(two().source, most, () => 0);
    const shards = [
      { shard: 0, from: 3, size: 6 },
      { shard: 1, from: 9, size: 10 },
    ];
    for (const order of ['oldest', 'newest'] as const) {
      const pages = await pagesOf(queryOf({ segments, shards, order, limit: 2 }));
      const places = pages.flatMap(({ entries }) => entries.map(({ index }) => index));
      expect(places).toEqual(order === 'oldest' ? [3, 4, 5, 9] : [9, 5, 4, 3]);
    }
  });

  const far = [factsOf({ index: 3 }), factsOf({ index: 40 * width, counter: 'counter:2' })];
  const farSize = 40 * width + 1;
  const wide = (filter: EntryFilter, segments: Query['segments'], mostObjects: number): Query =>
    queryOf({ segments, filter, mostObjects, shards: [{ shard: 0, size: farSize }] });

  it('reads only what the summary leaves', async () => {
    const memory = indexOf(far, farSize);
    const segments = openedIndex(memory.source, most, () => 0);
    const { entries, more } = await findEntries(wide({ counter: 'counter:72110345' }, segments, 9));
    expect([entries, more]).toEqual([[far[0]], false]);
    expect([memory.faults.calls('summary'), memory.faults.calls('segment')]).toEqual([1, 1]);
  });

  it('reads no segment for a tag that none holds, and no summary for what is not summed up', async () => {
    const memory = indexOf(
      [factsOf({ index: 3, subjectTag: tagOf(1) }), factsOf({ index: 40 * width })],
      farSize,
    );
    const calls = () =>
      (['summary', 'prints', 'segment'] as const).map((name) => memory.faults.calls(name));
    const find = (subjectTag: string) =>
      findEntries(
        wide(
          { subjectTag },
          openedIndex(memory.source, most, () => 0),
          9,
        ),
      );
    expect((await find(tagOf(2))).entries).toEqual([]);
    expect(calls()).toEqual([0, 1, 0]);
    expect((await find(tagOf(1))).entries.map(({ index }) => index)).toEqual([3]);
    expect(calls()).toEqual([0, 2, 1]);
    memory.put(printsKey(0, 0), undefined);
    expect((await find(tagOf(2))).entries).toEqual([]);
    expect(calls()).toEqual([0, 3, 9]);
  });

  it('reads ahead once more than one segment is needed, never more than is allowed', async () => {
    const facts = Array.from({ length: 41 }, (_, n) => factsOf({ index: n * width }));
    const read = async (limit: number, mostObjects: number) => {
      const { source, faults } = indexOf(facts, farSize);
      const segments = openedIndex(source, { segments: 64, summaries: 4 }, () => 0);
      const { entries } = await findEntries({ ...wide({}, segments, mostObjects), limit });
      return [entries.length, faults.calls('segment')];
    };
    expect(await read(1, 100)).toEqual([1, 3]);
    expect(await read(3, 100)).toEqual([3, 11]);
    expect(await read(100, 100)).toEqual([41, 41]);
    expect(await read(100, 20)).toEqual([20, 20]);
  });

  it('reads summaries ahead once it came to a second one', async () => {
    const first = factsOf({ index: 3, counter: 'counter:2' });
    const size = 64 * 7 * width;
    const memory = memorySegmentSource();
    fill(memory, [first], { shard: 0, size: width, summaries: false });
    for (let m = 0; m < 7; m += 1) {
      const about = Array.from({ length: 64 }, (_, place) =>
        segmentOf(m + place === 0 ? [first] : [], { n: m * 64 + place }),
      );
      memory.put(summaryKey(0, m), encodeSummary({ shard: 0, m }, about));
    }
    const find = (counter: string, mostObjects: number) => {
      const segments = openedIndex(memory.source, { segments: 1, summaries: 9 }, () => 0);
      const shards = [{ shard: 0, size }];
      return findEntries(queryOf({ segments, shards, filter: { counter }, mostObjects }));
    };
    const { entries, more } = await find('counter:2', 20);
    expect([entries, more]).toEqual([[first], false]);
    expect([memory.faults.calls('summary'), memory.faults.calls('segment')]).toEqual([7, 1]);
    const { position } = await find('counter:9', 4);
    expect([position, memory.faults.calls('summary')]).toEqual([
      [{ shard: 0, at: 3 * 64 * width }],
      11,
    ]);
    const { reached, release } = memory.faults.pauseCall('summary', 'before', 2);
    const looking = find('counter:9', 20);
    await reached;
    // The first came alone; beside the second, four more are asked for.
    expect(memory.faults.calls('summary')).toBe(11 + 6);
    release();
    expect((await looking).more).toBe(false);
    memory.faults.breakCall('summary', 'not-persisted', 3);
    await expect(find('counter:9', 20)).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it('stops where the work of a call ends, and says where to go on', async () => {
    const memory = indexOf(far, farSize);
    memory.put(summaryKey(0, 0), undefined);
    const query = wide(
      { counter: 'counter:72110345' },
      openedIndex(memory.source, most, () => 0),
      11,
    );
    const first = await findEntries(query);
    expect(first).toEqual({
      entries: [],
      position: [{ shard: 0, at: 31 * width }],
      more: true,
    });
    expect(memory.faults.calls('segment')).toBe(10);
    expect((await pagesOf(query)).flatMap(({ entries }) => entries)).toEqual([far[0]]);
  });

  it('reads a segment that has grown since it was summed up', async () => {
    const memory = indexOf([factsOf({ index: 0 })], 1);
    const late = factsOf({ index: 1, counter: 'counter:2' });
    fill(memory, [factsOf({ index: 0 }), late], {
      shard: 0,
      size: 2,
      summaries: false,
    });
    const segments = openedIndex(memory.source, most, () => 0);
    const shards = [{ shard: 0, size: 2 }];
    const query = queryOf({ segments, shards, filter: { counter: 'counter:2' } });
    expect((await findEntries(query)).entries).toEqual([late]);
    const before = { ...query, shards: [{ shard: 0, size: 1 }] };
    expect((await findEntries(before)).entries).toEqual([]);
  });

  it('leaves no hole where a segment is missing, too short, or another', async () => {
    const memory = indexOf(far, farSize);
    const query = wide(
      {},
      openedIndex(memory.source, most, () => 0),
      100,
    );
    memory.put(summaryKey(0, 0), undefined);
    memory.put(segmentKey(0, 7), undefined);
    await expect(findEntries(query)).rejects.toThrow(IndexIncomplete);
    const short = memorySegmentSource();
    fill(short, [], { shard: 0, size: 7 * width + 5 });
    for (let n = 0; n < 41; n += 1) {
      if (n !== 7) memory.put(segmentKey(0, n), await memory.source.segment(0, n));
    }
    memory.put(segmentKey(0, 7), await short.source.segment(0, 7));
    await expect(findEntries(query)).rejects.toThrow(IndexIncomplete);
    memory.put(segmentKey(0, 7), await memory.source.segment(0, 8));
    await expect(findEntries(query)).rejects.toThrow(IndexInvalid);
    memory.put(summaryKey(0, 0), Buffer.from('EIDX'));
    await expect(findEntries(query)).rejects.toThrow(IndexInvalid);
  });

  it('rejects when the store does, and goes on when it is back', async () => {
    const memory = indexOf(far, farSize);
    const query = wide(
      { outcome: 'FOUND' },
      openedIndex(memory.source, most, () => 0),
      100,
    );
    memory.faults.breakCall('segment', 'not-persisted');
    await expect(findEntries(query)).rejects.toMatchObject({ name: 'store-unavailable' });
    memory.faults.breakCall('summary', 'unacknowledged');
    const again = openedIndex(memory.source, most, () => 0);
    await expect(findEntries({ ...query, segments: again })).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect((await findEntries(query)).entries).toEqual(far.toReversed());
  });

  it('wants a page that can come further', async () => {
    const segments = openedIndex(two().source, most, () => 0);
    await expect(findEntries(queryOf({ segments, mostObjects: 5 }))).rejects.toThrow(RangeError);
    await expect(findEntries(queryOf({ segments, limit: 0 }))).rejects.toThrow(RangeError);
    const [first, ...others] = await pagesOf(queryOf({ segments, mostObjects: 6, limit: 100 }));
    expect([first?.entries.length, others.length > 0]).toEqual([20, false]);
  });
});
