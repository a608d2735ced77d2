import { describe, expect, it } from 'vitest';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { summaryWidth } from '#shared/audit/index/summary.ts';
import { countDay } from '#shared/oversight/open-data/day-counts.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const hour = 3_600_000;
const day = tehranDayOf(start);

/** Of a log that holds an inquiry an hour, a segment each, up to two days behind the day. */
const countIn = async (summaries: number) => {
  const memory = memorySegmentSource();
  const segments = summaries * summaryWidth;
  const size = segments * segmentWidth;
  const facts = Array.from({ length: segments }, (_, n) =>
    factsOf({ index: n * segmentWidth, t: day.until + (48 - segments + n) * hour }),
  );
  fill(memory, facts, { shard: 0, size });
  const { source, faults } = memory;
  const index = openedIndex(source, { segments: 2, summaries: 4 }, () => start);
  const counts = await countDay(index, [{ shard: 0, size, late: 48 * hour }], day);
  return { counts, summaries: faults.calls('summary'), segments: faults.calls('segment') };
};

describe('counting a day', () => {
  it('asks for no more of the index than the day is of, however long the log is', async () => {
    const { counts, summaries, segments } = await countIn(32);
    expect(counts.hours).toEqual(Array.from({ length: 24 }, () => 1));
    expect(segments).toBe(24);
    expect(summaries).toBeLessThanOrEqual(14);
  });
});
