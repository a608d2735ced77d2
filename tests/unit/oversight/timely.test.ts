import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { noMark } from '#shared/oversight/feeding/index-marks.ts';
import { lateIn, markAt } from '#shared/oversight/timely.ts';
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

describe('how late the leaves of a log are', () => {
  const bucket = 10_000;
  const stampAt = (n: number) => ({
    kind: 'i',
    id: InquiryId.parse(inquiryIdAt(testNow + n * bucket + 7)),
  });

  it('is the most by which one stands behind another, in whatever parts it is looked at', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 20 }),
        fc.nat(20),
        (places, cut) => {
          const most = places.reduce(
            (late, place, n) => Math.max(late, ...places.slice(0, n).map((one) => one - place)),
            0,
          );
          const stamps = places.map(stampAt);
          expect(lateIn(stamps, stamps.length, 0)).toBe(most * bucket);
          const [before, behind] = [stamps.slice(0, cut), stamps.slice(cut)];
          const until = Math.max(0, ...places.slice(0, cut).map((n) => testNow + n * bucket));
          const inParts = [lateIn(before, cut, 0), lateIn(behind, behind.length, until)];
          expect(Math.max(...inParts)).toBe(most * bucket);
        },
      ),
    );
  });

  it('is nothing of notices, settings and what stands behind the last that is counted', () => {
    const [now, early] = [stampAt(9), stampAt(0)];
    const stamps = [now, { kind: 'late', id: early.id }, { kind: 'config', id: undefined }, early];
    expect(lateIn(stamps, 3, 0)).toBe(0);
    expect(lateIn(stamps, 4, 0)).toBe(90_000);
  });
});
