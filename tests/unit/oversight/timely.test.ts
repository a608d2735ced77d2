import { describe, expect, it } from 'vitest';
import { noMark } from '#shared/oversight/feeding/index-marks.ts';
import { markAt } from '#shared/oversight/timely.ts';
import { lateLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { plainLog } from '#tests/support/plain-log.ts';
import { feedAll, feedingOf, feedStores } from './feeding/feed-stage.ts';

const hour = 3_600_000;

/** A log of three bundles, half of it late: of all sorts, and over all of a bundle. */
const logWithLate = async () => {
  const log = plainLog();
  for (let n = 0; log.leaves.length < 600; n += 1) {
    const isLate = n % 7 === 3 || (n > 100 && n < 300);
    const [made] = await log.add([{ n, t: testNow + n * 1000 - (isLate ? hour : 0) }]);
    if (isLate && made !== undefined) log.leaves.push(lateLeaf(made.id, made.leaf, testNow));
  }
  log.publish();
  return log;
};

describe('the mark of an index at a size', () => {
  it('is the one that feeding as far comes to, wherever that is', async () => {
    const log = await logWithLate();
    const published = log.leaves.length;
    for (const size of [1, 4, 5, 257, 400, published]) {
      const stores = feedStores();
      log.publish(size);
      await feedAll(feedingOf(log, stores));
      log.publish();
      const mark = await markAt(log.objects.store, 0, { size, published });
      // The notice that the last one is late may have come with the next leaf only.
      const isCut = log.leaves[size]?.toString().includes('"late"') === true;
      expect(mark.size).toBe(size);
      expect(isCut || mark.until === stores.marks.peek(0).until).toBe(true);
    }
  });

  it('does not count an entry whose notice stands behind it', async () => {
    const log = plainLog();
    await log.add([{ n: 1, t: testNow }]);
    const [late] = await log.add([{ n: 2, t: testNow + 9 * hour }]);
    log.leaves.push(lateLeaf(late?.id ?? inquiryIdAt(0), late?.leaf ?? Buffer.of(), testNow));
    log.publish();
    const at = (size: number) => markAt(log.objects.store, 0, { size, published: 3 });
    expect(await at(2)).toEqual({ size: 2, until: testNow });
    expect(await at(3)).toEqual({ size: 3, until: testNow });
    expect(await at(0)).toEqual(noMark);
  });

  it('cannot be told where a bundle cannot be read', async () => {
    const log = plainLog();
    await log.add([{ n: 1 }]);
    const marking = markAt(log.objects.store, 0, { size: 1, published: 1 });
    await expect(marking).rejects.toMatchObject({ name: 'FeedStopped' });
  });
});
