import { describe, expect, it } from 'vitest';
import { expectHolds, neverMet } from './holds.ts';

describe('sequencers whose clocks are wrong', () => {
  it.each([5000, 40_000, 600_000])(
    'keep every rule of the log (by up to %i ms)',
    async (skew) => {
      const ran = await expectHolds(`clocks, ${skew} ms`, { skew, trouble: 300 }, 100);
      expect(neverMet(ran, ['batch', 'receipt', 'late'])).toEqual([]);
    },
    300_000,
  );
});

describe('the logs of a journal that is cut into shards', () => {
  it.each([2, 4])(
    'keep every rule, each for itself (%i shards)',
    async (shards) => {
      const ran = await expectHolds(
        `${shards} shards`,
        { shards, slots: 4, sequencers: 2, trouble: 200 },
        130,
      );
      expect(neverMet(ran, ['overtaken', 'batch', 'receipt'])).toEqual([]);
    },
    300_000,
  );
});

describe('a log that is witnessed while it grows', () => {
  it('keeps every rule, and so does every witness', async () => {
    const ran = await expectHolds('witnesses', { witnessing: true, trouble: 300 }, 100);
    expect(neverMet(ran, ['quorum'])).toEqual([]);
  }, 300_000);
});
