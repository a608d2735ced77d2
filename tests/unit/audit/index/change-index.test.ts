import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forgetTags, growIndex, type IndexChange } from '#shared/audit/index/change-index.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { IndexIncomplete, IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { lacks, openPrints } from '#shared/audit/index/prints.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import {
  type MemorySegmentSource,
  memorySegmentSource,
  printsKey,
  segmentKey,
  summaryKey,
} from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { equalBytes, fromBase64Url } from '#shared/kernel/bytes.ts';
import { factsFrom, factsOf, fill, tagOf } from './sample-facts.ts';

const width = 4096;
const keys = [0, 1, 2].map((n) => segmentKey(0, n)).concat(summaryKey(0, 0), printsKey(0, 0));

/** What stands under each key. */
const standing = async ({ source }: MemorySegmentSource) => [
  await source.segment(0, 0),
  await source.segment(0, 1),
  await source.segment(0, 2),
  await source.summary(0, 0),
  await source.prints(0, 0),
];

const putAll = ({ put }: MemorySegmentSource, changes: readonly IndexChange[]): void => {
  for (const { key, bytes } of changes) put(key, bytes);
};

/** Leaves over three segments, and where to stop on the way. */
const logs = fc
  .tuple(factsFrom(0), factsFrom(width), factsFrom(2 * width))
  .map((parts) => parts.flat());
const stops = fc
  .array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 70 })), { maxLength: 5 })
  .map((places) => {
    const some = places.map(([n, leaves]) => n * width + leaves);
    return [...new Set([...some, 2 * width + 700])].toSorted((a, b) => a - b);
  });

const leavesOf = (facts: readonly EntryFacts[], from: number, to: number) =>
  facts.filter(({ index }) => index >= from && index < to);

describe('growIndex', () => {
  it('gives in any steps, also where one is done again, what the whole gives at once', async () => {
    await fc.assert(
      fc.asyncProperty(logs, stops, fc.nat(4), async (facts, ends, again) => {
        const memory = memorySegmentSource();
        let from = 0;
        for (const [step, to] of ends.entries()) {
          const grow = () =>
            growIndex(memory.source, { shard: 0, from, to }, leavesOf(facts, from, to));
          const changes = await grow();
          // A crash between two puts: the next one begins where the mark still stands.
          if (step === again) putAll(memory, changes.slice(0, -1));
          const redone = step === again ? await grow() : changes;
          expect(redone.map(({ bytes }) => bytes)).toEqual(changes.map(({ bytes }) => bytes));
          putAll(memory, changes);
          from = to;
        }
        const once = memorySegmentSource();
        fill(once, facts, { shard: 0, size: from });
        expect(await standing(memory)).toEqual(await standing(once));
      }),
      { numRuns: 30 },
    );
  });

  it('puts segments before what tells of them, each with what stood before', async () => {
    const memory = memorySegmentSource();
    const first = await growIndex(memory.source, { shard: 0, from: 0, to: width + 1 }, []);
    expect(first.map(({ key, before }) => [key, before])).toEqual(
      [keys[0], keys[1], keys[3], keys[4]].map((key) => [key, undefined]),
    );
    putAll(memory, first);
    const next = await growIndex(memory.source, { shard: 0, from: width + 1, to: width + 9 }, []);
    const [, second, , summary, prints] = await standing(memory);
    expect(next.map(({ key, before }) => [key, before])).toEqual([
      [keys[1], second],
      [keys[3], summary],
      [keys[4], prints],
    ]);
  });

  it('keeps nothing of a step that broke off, when the next one comes less far', async () => {
    const memory = memorySegmentSource();
    const known = [factsOf({ index: 3 })];
    fill(memory, known, { shard: 0, size: 10 });
    const leaves = { shard: 0, from: 10 };
    const broken = factsOf({ index: 15, counter: 'counter:9', subjectTag: tagOf(3) });
    const [segment] = await growIndex(memory.source, { ...leaves, to: 20 }, [broken]);
    putAll(memory, segment === undefined ? [] : [segment]);
    putAll(memory, await growIndex(memory.source, { ...leaves, to: 12 }, []));
    const once = memorySegmentSource();
    fill(once, known, { shard: 0, size: 12 });
    expect(await standing(memory)).toEqual(await standing(once));
  });

  it('does not go on from leaves that are not there', async () => {
    const memory = memorySegmentSource();
    const grow = (from: number) =>
      growIndex(memory.source, { shard: 0, from, to: from + 1 }, [factsOf({ index: from })]);
    await expect(grow(5)).rejects.toThrow(IndexIncomplete);
    fill(memory, [], { shard: 0, size: 4 });
    await expect(grow(5)).rejects.toThrow(IndexIncomplete);
    expect((await grow(4)).length).toBe(3);
    memory.put(segmentKey(0, 0), Buffer.from('EIDX'));
    await expect(grow(4)).rejects.toThrow(IndexInvalid);
  });

  it.each([
    ['before them', factsOf({ index: 9 })],
    ['behind them', factsOf({ index: 20 })],
    ['of another log', factsOf({ index: 12, shard: 1 })],
  ])('takes no facts of leaves %s', async (_, facts) => {
    const memory = memorySegmentSource();
    fill(memory, [], { shard: 0, size: 10 });
    const leaves = { shard: 0, from: 10, to: 20 };
    await expect(growIndex(memory.source, leaves, [facts])).rejects.toThrow(RangeError);
  });
});

const bare = ({ subjectTag: _s, operatorTag: _o, hasCase: _c, ...facts }: EntryFacts) => facts;

const isSame = ({ before, bytes }: IndexChange): boolean =>
  before !== undefined && equalBytes(before, bytes);

describe('forgetTags', () => {
  it('leaves everything but what some leaves know of persons, as if it had never been known', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.array(fc.nat(200)), async (facts, places) => {
        const gone = new Set(
          places.flatMap((n) => facts[n % Math.max(1, facts.length)]?.index ?? []),
        );
        const memory = memorySegmentSource();
        const size = 2 * width + 700;
        fill(memory, facts, { shard: 0, size });
        putAll(memory, await forgetTags(memory.source, 0, gone));
        const never = memorySegmentSource();
        const left = facts.map((one) => (gone.has(one.index) ? bare(one) : one));
        fill(never, left, { shard: 0, size });
        expect(await standing(memory)).toEqual(await standing(never));
      }),
      { numRuns: 20 },
    );
  });

  const told = [7, 8, 7].map((n, row) =>
    factsOf({
      index: row * width,
      subjectTag: tagOf(n),
      operatorTag: tagOf(n + 20),
      hasCase: true,
    }),
  );
  const three = (): MemorySegmentSource => {
    const memory = memorySegmentSource();
    fill(memory, told, { shard: 0, size: 2 * width + 1 });
    return memory;
  };

  it('leaves no byte of a tag that is gone, and those of others', async () => {
    const memory = three();
    putAll(memory, await forgetTags(memory.source, 0, new Set([0, 2 * width, 5])));
    const [first, second, third, , prints] = (await standing(memory)).map((bytes) =>
      Buffer.from(bytes ?? []),
    );
    const tag = Buffer.from(fromBase64Url(tagOf(7)) ?? []);
    expect([first, third].map((bytes) => bytes?.includes(tag))).toEqual([false, false]);
    expect(second?.includes(Buffer.from(fromBase64Url(tagOf(8)) ?? []))).toBe(true);
    const facts = factsIn(openSegment(first ?? Buffer.of()));
    expect(facts).toEqual([bare(factsOf({ index: 0 }))]);
    const isLacking = (n: number) =>
      [0, 1, 2].map((place) =>
        lacks(openPrints(prints ?? Buffer.of()), { subjectTag: tagOf(n) })({ n: place, width: 1 }),
      );
    expect([isLacking(7), isLacking(8)]).toEqual([
      [true, true, true],
      [true, false, true],
    ]);
  });

  it('has nothing to forget of what the index does not know', async () => {
    const memory = three();
    expect(await forgetTags(memory.source, 0, new Set([9 * width]))).toEqual([]);
    expect(await forgetTags(memory.source, 3, new Set([0]))).toEqual([]);
    const unchanged = await forgetTags(memory.source, 0, new Set([9]));
    expect(unchanged.map(isSame)).toEqual([true, true]);
  });

  it('goes on where a step before it broke off', async () => {
    const memory = three();
    const changes = await forgetTags(memory.source, 0, new Set([0]));
    putAll(memory, changes.slice(0, 1));
    expect((await forgetTags(memory.source, 0, new Set([0]))).map(({ bytes }) => bytes)).toEqual(
      changes.map(({ bytes }) => bytes),
    );
    memory.put(printsKey(0, 0), undefined);
    expect((await forgetTags(memory.source, 0, new Set([0]))).length).toBe(1);
    const short = memorySegmentSource();
    fill(short, told.slice(0, 1), { shard: 0, size: 1 });
    memory.put(printsKey(0, 0), await short.source.prints(0, 0));
    const late = await forgetTags(memory.source, 0, new Set([width]));
    expect(late.map(isSame)).toEqual([false, true]);
  });
});
