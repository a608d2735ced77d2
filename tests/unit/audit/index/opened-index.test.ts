import { describe, expect, it } from 'vitest';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { factsOf, indexOf } from './sample-facts.ts';

const width = 4096;
const most = { segments: 8, summaries: 4 };

describe('an opened index', () => {
  const entries = [0, 1, 2].map((n) => factsOf({ index: n * width }));

  it('reads an object once for all who wait for it, and keeps whole ones', async () => {
    const { source, faults } = indexOf(entries, 2 * width + 1);
    const index = openedIndex(source, most, () => 0);
    await Promise.all([index.segment(0, 0), index.segment(0, 0), index.segment(0, 1)]);
    await index.segment(0, 0);
    expect(faults.calls('segment')).toBe(2);
  });

  it('keeps none that will grow, is missing or failed', async () => {
    const { source, faults } = indexOf(entries, 2 * width + 1);
    const index = openedIndex(source, most, () => 0);
    for (const [n, read] of [
      [2, () => index.segment(0, 2)],
      [3, () => index.segment(0, 3)],
    ] as const) {
      const before = faults.calls('segment');
      await read();
      await read();
      expect([n, faults.calls('segment') - before]).toEqual([n, 2]);
    }
    await index.summary(0, 0);
    await index.summary(0, 0);
    expect(faults.calls('summary')).toBe(2);
    faults.breakCall('segment', 'not-persisted');
    await expect(index.segment(0, 0)).rejects.toThrow('store-unavailable');
    expect((await index.segment(0, 0))?.count).toBe(1);
  });

  it('keeps nothing for long: tags may have been taken out of it', async () => {
    const { source, faults } = indexOf(entries, 2 * width + 1);
    let now = 0;
    const index = openedIndex(source, most, () => now);
    for (const [at, calls] of [
      [0, 1],
      [299_999, 1],
      [300_000, 2],
      [400_000, 2],
    ] as const) {
      now = at;
      await index.segment(0, 0);
      expect([at, faults.calls('segment')]).toEqual([at, calls]);
    }
  });

  it('keeps so many, those that were used last', async () => {
    const { source, faults } = indexOf(entries, 3 * width);
    const index = openedIndex(source, { segments: 2, summaries: 1 }, () => 0);
    for (const n of [0, 1, 0, 2, 0]) await index.segment(0, n);
    expect(faults.calls('segment')).toBe(3);
    await index.segment(0, 1);
    expect(faults.calls('segment')).toBe(4);
  });
});
