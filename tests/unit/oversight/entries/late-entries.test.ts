import { describe, expect, it } from 'vitest';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { summaryWidth } from '#shared/audit/index/summary.ts';
import { reachesOfTime, readEdge } from '#shared/oversight/entries/index-edge.ts';
import type { IndexMark } from '#shared/oversight/feeding/index-marks.ts';
import { memoryIndexMarks } from '#shared/oversight/feeding/memory-index-marks.ts';
import { countDay } from '#shared/oversight/open-data/day-counts.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const hour = 3_600_000;
const day = tehranDayOf(start);

/** Summaries of a log that has an inquiry an hour, a segment each. */
const summaries = 4;
const segments = summaries * summaryWidth;
const size = segments * segmentWidth;
/** The segment that holds one which came late. */
const place = segments - 2;

/** An inquiry of the day that came into the log long behind it, once its sequencer was back. */
const memory = memorySegmentSource();
fill(
  memory,
  Array.from({ length: segments }, (_, n) => {
    const t = n === place ? day.from + 5 * hour : day.from + n * hour;
    return factsOf({ index: n * segmentWidth, t });
  }),
  { shard: 0, size },
);
const late = (place - 6) * hour;

const edgeOf = async (mark: Partial<IndexMark>) => {
  const marks = memoryIndexMarks();
  await marks.store.swap(0, marks.peek(0), { size, until: day.until, ...mark });
  const index = openedIndex(memory.source, { segments: 2, summaries: 4 }, () => start);
  return { index, ...(await readEdge({ index, marks: marks.store, shards: 1 })) };
};

describe('an inquiry that came late by days', () => {
  it.each([
    ['by as much as its mark says', { late }],
    ['by more than anybody counted', {}],
  ])('is found in its time, %s', async (_, mark) => {
    const { index, reaches } = await edgeOf(mark);
    const counts = await countDay(index, reaches, day);
    expect(counts.hours).toEqual(Array.from({ length: 24 }, (__, n) => (n === 5 ? 2 : 1)));
  });

  it('is why so much of a log is looked at, and no more', async () => {
    const [from, to] = [day.from, day.until];
    const sizesOf = async (mark: Partial<IndexMark>) => {
      const { index, reaches } = await edgeOf(mark);
      return (await reachesOfTime(index, reaches, { from, to })).map((one) => one.size);
    };
    const summary = summaryWidth * segmentWidth;
    expect(await sizesOf({ late: 0 })).toEqual([summary]);
    expect(await sizesOf({ late })).toEqual([size]);
    expect(await sizesOf({})).toEqual([size]);
  });
});
