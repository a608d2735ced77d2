import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countEntries } from '#shared/audit/index/count.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { matches } from '#shared/audit/index/filter.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import type { Found } from '#shared/audit/index/walk.ts';
import { walkRows } from '#shared/audit/index/walk-rows.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { factsFrom, factsOf, fill, indexOf, someFilters } from './sample-facts.ts';

const width = 4096;
const most = { segments: 8, summaries: 4 };
const ahead = () => 12_600_000;

const sizeOf = (facts: readonly EntryFacts[]): number => (facts.at(-1)?.index ?? -1) + 1;

/** A log over three segments. */
const logs = fc
  .tuple(factsFrom(0), factsFrom(width), factsFrom(2 * width))
  .map((parts) => parts.flat());

describe('countEntries', () => {
  it('counts what matches, by any of its facts and in any number of calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.oneof(fc.constant({}), someFilters),
        fc.constantFrom('counter' as const, 'province' as const, 'day' as const, 'hour' as const),
        fc.integer({ min: 3, max: 6 }),
        async (first, filter, by, mostObjects) => {
          const size = sizeOf(first);
          const segments = openedIndex(indexOf(first, size).source, most, () => 0);
          const shards = [{ shard: 0, size }];
          const query = { segments, shards, filter, by: [by], ahead, mostObjects };
          const sums = new Map<string, number>();
          let part = await countEntries(query);
          for (;;) {
            for (const [value, n] of part.counts[0] ?? [])
              sums.set(value, (sums.get(value) ?? 0) + n);
            if (!part.more) break;
            part = await countEntries({ ...query, after: part.position });
          }
          const valueOf = (one: EntryFacts): string => {
            if (by === 'counter' || by === 'province') return one[by] ?? '';
            const text = new Date(one.t + ahead()).toISOString();
            return text.slice(0, by === 'day' ? 10 : 13);
          };
          const wanted = Map.groupBy(
            first.filter((one) => matches(filter, one)),
            valueOf,
          );
          expect(sums).toEqual(new Map([...wanted].map(([value, all]) => [value, all.length])));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('counts by several facts in one walk, over some of the leaves', async () => {
    const facts = [0, 1, 2, 3].map((index) =>
      factsOf({
        index,
        outcome: index > 1 ? 'DENIED' : 'FOUND',
        ...(index === 1 && { province: 'x' }),
      }),
    );
    const query = {
      segments: openedIndex(indexOf(facts, 4).source, most, () => 0),
      shards: [{ shard: 0, from: 1, size: 4 }],
      filter: {},
      ahead,
      mostObjects: 3,
    };
    const { counts, total } = await countEntries({ ...query, by: ['outcome', 'province'] });
    expect([counts, total]).toEqual([
      [
        new Map([
          ['FOUND', 1],
          ['DENIED', 2],
        ]),
        new Map([
          ['x', 1],
          ['', 2],
        ]),
      ],
      3,
    ]);
    const five = ['day', 'hour', 'rule', 'counter', 'agency'] as const;
    await expect(countEntries({ ...query, by: five })).rejects.toThrow(RangeError);
    await expect(countEntries({ ...query, by: [] })).rejects.toThrow(RangeError);
  });

  it('counts over days and hours of another clock, and over shards', async () => {
    const memory = memorySegmentSource();
    const midnight = Date.UTC(2026, 10, 21, 20, 30);
    const facts = [-1, 0, 1].map((n, index) => factsOf({ index, t: midnight + n }));
    fill(memory, facts, { shard: 0, size: 3 });
    fill(memory, [factsOf({ index: 0, shard: 1, t: midnight })], { shard: 1, size: 1 });
    const query = {
      segments: openedIndex(memory.source, most, () => 0),
      shards: [
        { shard: 0, size: 3 },
        { shard: 1, size: 1 },
      ],
      filter: {},
      ahead,
      mostObjects: 4,
    };
    const days = await countEntries({ ...query, by: ['day'] });
    expect(days).toEqual({
      counts: [
        new Map([
          ['2026-11-21', 1],
          ['2026-11-22', 3],
        ]),
      ],
      total: 4,
      position: [
        { shard: 0, at: 3 },
        { shard: 1, at: 1 },
      ],
      more: false,
    });
    const hours = await countEntries({ ...query, by: ['hour'] });
    expect([...(hours.counts[0]?.keys() ?? [])]).toEqual(['2026-11-21T23', '2026-11-22T00']);
    await expect(countEntries({ ...query, by: ['day'], mostObjects: 2 })).rejects.toThrow(
      RangeError,
    );
  });
});

describe('walkRows', () => {
  it('hands over the rows of what is meant once, in the order of the log', async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        someFilters,
        fc.integer({ min: 3, max: 5 }),
        async (first, filter, mostObjects) => {
          const size = sizeOf(first);
          const segments = openedIndex(indexOf(first, size).source, most, () => 0);
          const query = { segments, shards: [{ shard: 0, size }], filter, mostObjects };
          const seen: EntryFacts[] = [];
          const take = ({ group, rows }: Found) => {
            for (const row of rows) {
              const facts = group.facts(row);
              seen.push(facts);
              const { seq, ms, answer } = group.numbers;
              expect([group.indexes()[row], group.times()[row], group.timeAt(row)]).toEqual([
                facts.index,
                facts.t,
                facts.t,
              ]);
              expect([seq()[row], ms()[row], answer()[row]]).toEqual([
                facts.seq,
                facts.ms,
                facts.answer ?? 0,
              ]);
              const { codes, tag } = group.tags.operatorTag();
              const code = codes()[row] ?? 0;
              expect(code === 0 ? undefined : toBase64Url(tag(code))).toBe(facts.operatorTag);
            }
          };
          let walked = await walkRows(query, take);
          while (walked.more) walked = await walkRows({ ...query, after: walked.position }, take);
          expect(seen).toEqual(first.filter((one) => matches(filter, one)));
        },
      ),
      { numRuns: 30 },
    );
  });
});
