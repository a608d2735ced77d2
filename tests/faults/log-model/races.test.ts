import { describe, expect, it } from 'vitest';
import { expectHolds, neverMet } from './holds.ts';

describe('several sequencers over one log, at any interleaving', () => {
  it('keep every rule of the log', async () => {
    const ran = await expectHolds('races', { sequencers: 3, trouble: 0, skew: 0 }, 500);
    expect(neverMet(ran, ['overtaken', 'batch', 'receipt', 'zombie', 'late'])).toEqual([]);
  }, 300_000);

  it('keep them where tiles and bundles begin and end', async () => {
    const ran = await expectHolds('borders', { start: 254, sequencers: 2, inquiries: 30 }, 200);
    expect(neverMet(ran, ['overtaken', 'batch', 'receipt'])).toEqual([]);
  }, 300_000);

  it('keep them where a tile of the second level begins', async () => {
    const ran = await expectHolds(
      'second level',
      { start: 65_530, sequencers: 2, inquiries: 20, shards: 1, witnessing: false },
      3,
    );
    expect(neverMet(ran, ['batch', 'receipt'])).toEqual([]);
  }, 300_000);
});
