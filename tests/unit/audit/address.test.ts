import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, bucketOf, type Layout, periodOf } from '#shared/audit/address.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const layout: Layout = { slotKey: sha256('slot key'), slots: 16, shards: 4 };

const idAt = (milliseconds: number): InquiryId => InquiryId.parse(inquiryIdAt(milliseconds));

const ids = Array.from({ length: 4000 }, () => idAt(testNow));

const time = fc.integer({ min: 0, max: 2 ** 47 });

describe('addressOf', () => {
  it('gives one id one address, so that a replay meets itself', () => {
    fc.assert(
      fc.property(time, (milliseconds) => {
        const id = idAt(milliseconds);
        expect(addressOf(id, layout)).toEqual(addressOf(InquiryId.parse(String(id)), layout));
      }),
    );
  });

  it('takes the bucket from the time inside the id, and from nothing else', () => {
    fc.assert(
      fc.property(time, (milliseconds) => {
        const id = idAt(milliseconds);
        expect(timeOf(id)).toBe(milliseconds);
        expect(addressOf(id, layout).bucket).toBe(Math.floor(milliseconds / 10_000));
      }),
    );
  });

  it.each([
    [0, 0],
    [9999, 0],
    [10_000, 1],
    [testNow - 1, 179_999_999],
    [testNow, 180_000_000],
    [testNow + 9999, 180_000_000],
  ])('puts the millisecond %i into bucket %i', (milliseconds, bucket) => {
    expect(bucketOf(milliseconds)).toBe(bucket);
  });

  it.each([
    [0, 0],
    [599_999, 0],
    [600_000, 1],
    [testNow - 1, 2_999_999],
    [testNow, 3_000_000],
    [testNow + 599_999, 3_000_000],
  ])(
    'puts the bucket of the millisecond %i into the period %i of ten minutes',
    (milliseconds, period) => {
      expect(periodOf(bucketOf(milliseconds))).toBe(period);
    },
  );

  it('spreads ids of one moment over all slots, none with twice its share', () => {
    const counts = Map.groupBy(ids, (id) => addressOf(id, layout).slot);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, slot) => slot),
    );
    for (const [, found] of counts) {
      expect(found.length).toBeGreaterThan(125);
      expect(found.length).toBeLessThan(500);
    }
  });

  it('puts each slot into one shard of the log', () => {
    for (const id of ids.slice(0, 200)) {
      const { shard, slot } = addressOf(id, layout);
      expect(shard).toBe(slot % 4);
    }
  });

  it('gives other slots under another key, so that nobody without it can fill one', () => {
    const other: Layout = { ...layout, slotKey: sha256('another key') };
    const moved = ids.filter((id) => addressOf(id, layout).slot !== addressOf(id, other).slot);
    // Fifteen of sixteen move by chance alone.
    expect(moved.length).toBeGreaterThan(ids.length * 0.9);
  });

  it('knows one slot where there is one', () => {
    expect(addressOf(idAt(testNow), { ...layout, slots: 1, shards: 1 })).toMatchObject({
      slot: 0,
      shard: 0,
    });
  });
});
