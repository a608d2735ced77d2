import { describe, expect, it } from 'vitest';
import type { OpenedIndex } from '#shared/audit/index/opened-index.ts';
import { reachOfTime } from '#shared/audit/index/reach-of-time.ts';

/** Leaves that one summary is about. */
const summedUp = 262_144;
const hour = 3_600_000;

/** An index of so many summaries, an hour each; one where something is missing. */
const indexOf = (count: number, missing: readonly number[] = []) => {
  const read: number[] = [];
  const index: OpenedIndex = {
    segment: async () => undefined,
    prints: async () => undefined,
    summary: async (shard, m) => {
      read.push(m);
      if (m >= count || missing.includes(m)) return undefined;
      const span = { width: 4096, count: 4096, first: m * hour, last: (m + 1) * hour - 1 };
      return {
        shard,
        m,
        spans: Array.from({ length: 64 }, () => span),
        column: () => {
          throw new Error('No column is looked at.');
        },
      };
    },
  };
  return { index, read, reach: { shard: 0, size: count * summedUp } };
};

const day = { from: 240 * hour, to: 264 * hour, lateness: 48 * hour };

describe('where a time stands in a long log', () => {
  it('is found by a few summaries, with what may have come late behind it', async () => {
    const { index, read, reach } = indexOf(4000);
    const found = await reachOfTime(index, reach, day);
    expect(found).toEqual({ shard: 0, from: 239 * summedUp, size: 313 * summedUp });
    expect(read.length).toBeLessThan(30);
  });

  it('ends where the log ends', async () => {
    const { index, reach } = indexOf(250);
    const found = await reachOfTime(index, reach, day);
    expect(found).toEqual({ shard: 0, from: 239 * summedUp, size: 250 * summedUp });
  });

  it('is empty behind a log that ends before it', async () => {
    const { index, reach } = indexOf(10);
    const { from = 0, size } = await reachOfTime(index, reach, day);
    expect([from, size]).toEqual([reach.size, reach.size]);
  });

  it.each([239, 240, 250, 311, 312, 313])(
    'is not narrower where summary %i is missing',
    async (missing) => {
      const whole = indexOf(400);
      const wanted = await reachOfTime(whole.index, whole.reach, day);
      const { index, reach } = indexOf(400, [missing]);
      const found = await reachOfTime(index, reach, day);
      expect(found.from).toBeLessThanOrEqual(wanted.from ?? 0);
      expect(found.size).toBeGreaterThanOrEqual(wanted.size);
    },
  );

  it('of no log is nothing', async () => {
    const { index } = indexOf(0);
    const found = await reachOfTime(index, { shard: 0, size: 0 }, day);
    expect(found).toEqual({ shard: 0, from: 0, size: 0 });
  });
});
