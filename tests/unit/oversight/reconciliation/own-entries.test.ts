import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketLength } from '#shared/audit/address.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { ownEntries } from '#shared/oversight/reconciliation/own-entries.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const counter = 'counter:72110345';

/** Entries in the order of a log: by buckets, in any order within one, some late behind their time. */
const logs = fc
  .array(
    fc.record({
      bucket: fc.nat(8),
      offset: fc.nat(bucketLength - 1),
      isLate: fc.constantFrom(false, false, false, true),
      isOurs: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map((rows) => {
    const timely = rows.filter(({ isLate }) => !isLate).toSorted((a, b) => a.bucket - b.bucket);
    return [...timely, ...rows.filter(({ isLate }) => isLate)];
  });

const siteOf = (shards: readonly (readonly EntryFacts[])[]) => {
  const memory = memorySegmentSource();
  shards.forEach((facts, shard) => fill(memory, facts, { shard, size: Math.max(1, facts.length) }));
  return {
    reading: {
      index: openedIndex(memory.source, { segments: 4, summaries: 2 }, () => start),
      marks: { read: async () => ({ size: 0, until: 0 }) },
      shards: shards.length,
    },
    memory,
    reaches: shards.map((facts, shard) => ({
      shard,
      size: Math.max(1, facts.length),
      late: 48 * 3_600_000,
    })),
  };
};

const idsOf = (entries: readonly EntryFacts[]): readonly string[] =>
  entries.map(({ id }) => id).toSorted();

describe('the own entries of a time', () => {
  it('part after part are all of them, each once, late ones in their time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(logs, logs),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(40_000),
        async (rows, most, skipped) => {
          const shards = rows.map((all, shard) =>
            all.map(({ bucket, offset, isOurs }, index) =>
              factsOf({
                shard,
                index,
                t: start + bucket * bucketLength + offset,
                ...(!isOurs && { counter: 'counter:2' }),
              }),
            ),
          );
          const { reading, reaches } = siteOf(shards);
          const to = start + 9 * bucketLength;
          const found: EntryFacts[] = [];
          for (let from = start + skipped; from < to; ) {
            const part = await ownEntries(reading, { reaches }, { counter, from, to }, most);
            expect(part.until).toBeGreaterThan(from);
            expect(part.entries.every(({ t }) => t >= from && t < part.until)).toBe(true);
            found.push(...part.entries);
            from = part.until;
          }
          const own = shards
            .flat()
            .filter((one) => one.counter === counter && one.t >= start + skipped);
          expect(idsOf(found)).toEqual(idsOf(own));
        },
      ),
    );
  });

  it('are about as many as are wanted, where there are more', async () => {
    const facts = Array.from({ length: 100 }, (_, index) => factsOf({ index }));
    const { reading, reaches } = siteOf([facts]);
    const filter = { counter, from: start, to: start + 200_000 };
    const { entries, until } = await ownEntries(reading, { reaches }, filter, 25);
    expect([entries.length, until]).toEqual([20, start + 20_000]);
  });

  it('are not told while a part of the index is missing', async () => {
    const { reading, reaches, memory } = siteOf([[factsOf({ index: 0 })]]);
    memory.put('index/0/segment/0', undefined);
    const filter = { counter, from: start, to: start + 1000 };
    await expect(ownEntries(reading, { reaches }, filter, 9)).rejects.toMatchObject({
      name: 'index-unavailable',
    });
  });
});
