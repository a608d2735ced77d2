import { describe, expect, it } from 'vitest';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import type { Position } from '#shared/audit/index/query.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { encodeSummary, summaryWidth } from '#shared/audit/index/summary.ts';
import type { Order } from '#shared/audit/index/walking.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { indexPart } from '#shared/oversight/entries/index-part.ts';
import { summariseEntries } from '#shared/oversight/entries/summarise-entries.ts';
import { parseSummaryQuery } from '#shared/oversight/entries/summary-query.ts';
import { askQuestion } from '#shared/oversight/questions/ask-question.ts';
import { parseQuestionQuery } from '#shared/oversight/questions/question-query.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { factsOf, start } from '../../audit/index/sample-facts.ts';

const hour = 3_600_000;
const day = 24 * hour;
const late = 2 * day;

/** Summaries of a log, more than one call may ask for; a day each, and one inquiry a segment. */
const many = 600;
const segments = many * summaryWidth;
const size = segments * segmentWidth;

const onceOnly = openSegment(
  encodeSegment({ shard: 0, n: 0, width: segmentWidth }, [factsOf({ index: 0, t: start })]),
);

const timeOfDay = (m: number): number => start + m * day;

/** A segment of the day of its summary, made when it is asked for. */
const segmentAt = (n: number): Uint8Array => {
  const t = timeOfDay(Math.floor(n / summaryWidth)) + (n % summaryWidth);
  const facts = [factsOf({ index: n * segmentWidth, t })];
  return encodeSegment({ shard: 0, n, width: segmentWidth }, facts);
};

const source = {
  segment: async (_: number, n: number) => (n < segments ? segmentAt(n) : undefined),
  summary: async (shard: number, m: number) => {
    if (m >= many) return undefined;
    const own = Array.from({ length: summaryWidth }, (_, n) => ({
      ...onceOnly,
      n: m * summaryWidth + n,
      times: () => Float64Array.of(timeOfDay(m) + n),
    }));
    return encodeSummary({ shard, m }, own);
  },
  prints: async () => undefined,
};

const auditor = agencyOf('auditor:one');
const end = timeOfDay(many);
const parts = {
  index: openedIndex(source, { segments: 4, summaries: 24 }, () => start),
  marks: { read: async () => ({ size, until: end, late }) },
  shards: 1,
  journal: memoryJournalStore().store,
  objects: memoryObjectStore().store,
  now: () => end,
  directory: { participant: async () => auditor },
  confidentialBases: {},
  cursorKey: new Uint8Array(32),
  random: countedRandom(),
};

/** An hour in the middle of it, with an inquiry in each of 64 segments. */
const [from, to] = [timeOfDay(many / 2), timeOfDay(many / 2) + hour];
const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };

describe('an hour of a long log', () => {
  it.each<Order>(['newest', 'oldest'])('is listed at once, %s first', async (order) => {
    const list = async (after?: Position) =>
      indexPart(parts)({
        filter: { from, to },
        order,
        reaches: [{ shard: 0, size, late }],
        after,
        limit: 40,
        withTexts: false,
      });
    const first = await list();
    const second = await list(first.position);
    expect([first, second].map(({ entries }) => entries.length)).toEqual([40, summaryWidth - 40]);
    expect(second.more).toBe(false);
  });

  it('is summed up at once', async () => {
    const query = parseSummaryQuery({ ...range, by: 'service' });
    const told = await summariseEntries(parts)(query, auditor.id);
    expect(told.n).toBe(summaryWidth);
    expect(told).not.toHaveProperty('next');
  });

  it('is asked about at once', async () => {
    const query = parseQuestionQuery('latency', range);
    expect((await askQuestion(parts)(query, auditor.id, 'en')).n).toBe(summaryWidth);
  });
});
