import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LateEntry, LogIndex, Places, Range } from '#shared/audit/log-index.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const bucket = 180_000_000;
const at = { shard: 0, bucket, slot: 1 };
const nothing: Places = { ranges: [], late: [] };

const ranges = (...found: readonly Range[]): Places => ({ ranges: found, late: [] });
const late = (...found: readonly LateEntry[]): Places => ({ ranges: [], late: found });

const anyRange = fc.record({
  bucket: fc.integer({ min: bucket, max: bucket + 2 }),
  slot: fc.nat({ max: 3 }),
  start: fc.oneof(fc.nat({ max: 20 }), fc.maxSafeNat()),
  count: fc.integer({ min: 1, max: 5 }),
});

const anyLate = fc.record({
  id: fc.constantFrom(...Array.from({ length: 6 }, () => inquiryIdAt(testNow))),
  bucket: fc.integer({ min: bucket, max: bucket + 2 }),
  slot: fc.nat({ max: 3 }),
  index: fc.nat({ max: 20 }),
});

/** Adds of places, some of them more than once and in other divisions. */
const adds = fc.array(
  fc.record({
    ranges: fc.array(anyRange, { maxLength: 6 }),
    late: fc.array(anyLate, { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 5 },
);

/** What an index must hold of a partition, as texts in their order by code units. */
const expectedTexts = (added: readonly Places[], slot: number): readonly string[] => {
  const own = added.flatMap((places) => [...places.ranges, ...places.late]);
  const texts = own.filter((one) => one.bucket === bucket && one.slot === slot).map(textOf);
  return [...new Set(texts)].toSorted();
};

const textOf = (place: Range | LateEntry): string =>
  'id' in place ? `late ${place.id} ${place.index}` : `range ${place.start} ${place.count}`;

/** The promises of the port `LogIndex`, for every adapter alike. `makeStore` is called once a test. */
export const logIndexContract = (
  name: string,
  makeStore: () => LogIndex | Promise<LogIndex>,
): void => {
  describe(`${name} as a LogIndex`, () => {
    it('has no places of a partition that it was told nothing of', async () => {
      const store = await makeStore();
      expect(await store.find(at)).toEqual(nothing);
      await store.put(0, nothing);
      expect(await store.find(at)).toEqual(nothing);
    });

    it('finds the range of a partition among those of its bucket', async () => {
      const store = await makeStore();
      const all = Array.from({ length: 16 }, (_, slot) => ({
        bucket,
        slot,
        start: 100 + slot * 10,
        count: 10,
      }));
      await store.put(0, { ranges: all, late: [] });
      for (const range of all) {
        expect(await store.find({ ...at, slot: range.slot })).toEqual(ranges(range));
      }
    });

    it('tells the parts of a partition in the order of the log, in whatever order they came', async () => {
      const store = await makeStore();
      const parts = [5, 900, 20, 100].map((start) => ({ bucket, slot: 1, start, count: 3 }));
      const [first, ...others] = parts;
      await store.put(0, { ranges: others, late: [] });
      await store.put(0, ranges(...(first === undefined ? [] : [first])));
      const starts = (await store.find(at)).ranges.map(({ start }) => start);
      expect(starts).toEqual([5, 20, 100, 900]);
    });

    it('finds late entries with the partition of their ids, by index', async () => {
      const store = await makeStore();
      const entries = [70, 8, 900].map((index) => ({
        id: inquiryIdAt(testNow),
        bucket,
        slot: 1,
        index,
      }));
      const other = { id: inquiryIdAt(testNow), bucket, slot: 2, index: 71 };
      await store.put(0, late(...entries, other));
      const own = { bucket, slot: 1, start: 3, count: 4 };
      await store.put(0, ranges(own));
      const found = await store.find(at);
      expect(found.ranges).toEqual([own]);
      expect(found.late).toEqual(entries.toSorted((a, b) => a.index - b.index));
      expect(await store.find({ ...at, slot: 2 })).toEqual(late(other));
    });

    it('is not changed by places that it holds already, alone or among others', async () => {
      const store = await makeStore();
      const one = { bucket, slot: 1, start: 3, count: 4 };
      const two = { bucket, slot: 2, start: 7, count: 1 };
      const entry = { id: inquiryIdAt(testNow), bucket, slot: 1, index: 90 };
      const all = { ranges: [one, two], late: [entry] };
      for (const places of [all, all, ranges(one), ranges(two, one), late(entry), all]) {
        await store.put(0, places);
      }
      expect(await store.find(at)).toEqual({ ranges: [one], late: [entry] });
      expect(await store.find({ ...at, slot: 2 })).toEqual(ranges(two));
    });

    it('keeps shards, buckets and slots apart, however alike their numbers are', async () => {
      const store = await makeStore();
      const partitions = [
        at,
        { ...at, shard: 1 },
        { ...at, shard: 10 },
        { ...at, bucket: bucket * 10 },
        { ...at, bucket: bucket + 1 },
        { ...at, slot: 11 },
        { ...at, slot: 0 },
      ];
      const rangeOf = (n: number): Range => {
        const { bucket: own, slot } = partitions[n] ?? at;
        return { bucket: own, slot, start: n, count: 1 };
      };
      for (const [n, { shard }] of partitions.entries()) await store.put(shard, ranges(rangeOf(n)));
      for (const [n, partition] of partitions.entries()) {
        expect(await store.find(partition)).toEqual(ranges(rangeOf(n)));
      }
    });

    it('holds all that racing puts tell of one bucket', async () => {
      const store = await makeStore();
      const parts = Array.from({ length: 30 }, (_, n) => ({ bucket, slot: 1, start: n, count: 1 }));
      await Promise.all(parts.map((part) => store.put(0, ranges(part))));
      expect(await store.find(at)).toEqual(ranges(...parts));
    });

    it('carries the late entries of a bucket that was away for an hour', async () => {
      const store = await makeStore();
      const entries = Array.from({ length: 9000 }, (_, index) => ({
        id: inquiryIdAt(testNow),
        bucket,
        slot: index % 2,
        index,
      }));
      await store.put(0, late(...entries));
      const found = await store.find(at);
      expect(found.late).toEqual(entries.filter(({ slot }) => slot === 1));
    });

    it('carries more than a store tells in one answer', async () => {
      const store = await makeStore();
      const parts = Array.from({ length: 60_000 }, (_, n) => ({
        bucket,
        slot: 1,
        start: Number.MAX_SAFE_INTEGER - 200_000 + n * 2,
        count: 1,
      }));
      await store.put(0, ranges(...parts));
      expect(await store.find(at)).toEqual(ranges(...parts));
    });

    it('is fed nothing before it is told, and then as far as it was told, by shard', async () => {
      const store = await makeStore();
      expect(await store.fed(0)).toBe(0);
      await store.advance(0, 4096);
      await store.advance(1, 7);
      expect([await store.fed(0), await store.fed(1), await store.fed(10)]).toEqual([4096, 7, 0]);
      await store.advance(0, 10_000);
      await store.advance(0, Number.MAX_SAFE_INTEGER);
      expect(await store.fed(0)).toBe(Number.MAX_SAFE_INTEGER);
    });

    it('never takes back how far it was fed', async () => {
      const store = await makeStore();
      await store.advance(0, 10);
      await store.advance(0, 9);
      await store.advance(0, 10);
      await store.advance(0, 0);
      expect(await store.fed(0)).toBe(10);
    });

    it('stands at the furthest of twenty that tell it at once', async () => {
      const store = await makeStore();
      const sizes = Array.from({ length: 20 }, (_, n) => ((n * 7) % 20) + 1);
      await Promise.all(sizes.map((size) => store.advance(0, size)));
      expect(await store.fed(0)).toBe(20);
    });

    it('keeps how far it is fed apart from what it holds', async () => {
      const store = await makeStore();
      await store.put(0, ranges({ bucket, slot: 1, start: 3, count: 4 }));
      expect(await store.fed(0)).toBe(0);
      await store.advance(0, 5);
      expect(await store.find({ shard: 0, bucket, slot: 0 })).toEqual(nothing);
      expect(await store.find(at)).toEqual(ranges({ bucket, slot: 1, start: 3, count: 4 }));
    });

    it('holds what was added, once each, whatever came twice and in whatever division', async () => {
      let shard = 100;
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(adds, async (added) => {
          shard += 1;
          for (const places of added) await store.put(shard, places);
          const [again] = added;
          if (again !== undefined) {
            await store.put(shard, {
              ranges: again.ranges.slice(1).toReversed(),
              late: again.late.slice(0, 1),
            });
          }
          for (const slot of [0, 1, 2, 3]) {
            const found = await store.find({ shard, bucket, slot });
            const texts = [...found.ranges, ...found.late].map(textOf).toSorted();
            expect(texts).toEqual(expectedTexts(added, slot));
          }
        }),
        { numRuns: 30 },
      );
    });
  });
};
