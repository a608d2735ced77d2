import { expect, it } from 'vitest';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import type { Position } from '#shared/audit/index/query.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { indexPart } from '#shared/oversight/entries/index-part.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const minute = 60_000;

it('a listing goes on beside a log that has nothing of its time', async () => {
  const memory = memorySegmentSource();
  const busy = Array.from({ length: 10 }, (_, n) =>
    factsOf({ shard: 0, index: n, t: start + 60 * minute + n * 1000 }),
  );
  fill(memory, busy, { shard: 0, size: 10 });
  fill(memory, [factsOf({ shard: 1, index: 0, t: start })], { shard: 1, size: 1 });
  const index = openedIndex(memory.source, { segments: 4, summaries: 4 }, () => start);
  const list = (after?: Position) =>
    indexPart({ index, shards: 2, objects: memoryObjectStore().store })({
      filter: { from: start + 60 * minute, to: start + 120 * minute },
      order: 'oldest',
      reaches: [
        { shard: 0, size: 10, late: 10_000 },
        { shard: 1, size: 1, late: 10_000 },
      ],
      after,
      limit: 6,
      withTexts: false,
    });
  const first = await list();
  expect(first.more).toBe(true);
  const second = await list(first.position);
  expect([first, second].map(({ entries }) => entries.length)).toEqual([6, 4]);
});
