import { describe, expect, it } from 'vitest';
import { growIndex } from '#shared/audit/index/change-index.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { indexPart } from '#shared/oversight/entries/index-part.ts';
import { countDay } from '#shared/oversight/open-data/day-counts.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const hour = 3_600_000;
const size = 3 * segmentWidth;
const facts = [0, 1, 2].map((n) => factsOf({ index: n * segmentWidth, t: start + n * hour }));

/** The index of a log that is made again, and has come to its first segment. */
const remade = async () => {
  const memory = memorySegmentSource();
  fill(memory, facts, { shard: 0, size });
  const nothing = async () => undefined;
  const source = { segment: nothing, summary: nothing, prints: nothing };
  const changes = await growIndex(
    source,
    { shard: 0, from: 0, to: segmentWidth },
    facts.slice(0, 1),
  );
  for (const { key, bytes } of changes) memory.put(key, bytes);
  return openedIndex(memory.source, { segments: 4, summaries: 4 }, () => start);
};

describe('an index that is made again', () => {
  it('tells of what readers are told that it knows', async () => {
    const index = await remade();
    const { entries } = await indexPart({ index, shards: 1, objects: memoryObjectStore().store })({
      filter: { from: start + hour, to: start + 3 * hour },
      order: 'oldest',
      reaches: [{ shard: 0, size, late: 10_000 }],
      limit: 10,
      withTexts: false,
    });
    expect(entries.map(({ leaf }) => leaf?.index)).toEqual([segmentWidth, 2 * segmentWidth]);
  });

  it('counts a day for the public as one that is whole', async () => {
    const day = { ...tehranDayOf(start), from: start + hour, until: start + 3 * hour };
    const { hours } = await countDay(await remade(), [{ shard: 0, size, late: 10_000 }], day);
    expect(hours).toEqual([1, 1]);
  });
});
