import { v7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { findLeaf } from '#shared/inquiry/find-leaf.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { testNow } from '#tests/support/messages.ts';

const idAt = (milliseconds: number) => InquiryId.parse(v7({ msecs: milliseconds }));

/** A log of full bundles in which every entry is the same. */
const logOf = (bundles: number) => {
  const data = recordLeafData(JSON.stringify({ v: 1, k: 'i', id: idAt(testNow) }));
  const bundle = formatBundle(Array.from({ length: tileWidth }, () => data));
  const read: string[] = [];
  const files = {
    get: async (path: string) => {
      read.push(path);
      return bundle;
    },
  };
  return { files, size: bundles * tileWidth, read };
};

describe('findLeaf', () => {
  it('reads a bounded number of bundles, each once, however many places the index names', async () => {
    const { files, size, read } = logOf(200);
    const id = idAt(testNow + 86_400_000);
    const [bucket, slot] = [0, 0];
    const starts = Array.from({ length: 200 }, (_, n) => n * tileWidth);
    const places = {
      ranges: starts.map((start) => ({ bucket, slot, start, count: 1 })),
      late: starts.map((index) => ({ id, bucket, slot, index })),
    };
    const address = { id, bucket, slot, shard: 0 };
    const found = await findLeaf({ address, places, files, size, isIt: () => false });
    expect(found).toBeUndefined();
    expect(new Set(read).size).toBe(read.length);
    expect(read.length).toBeLessThan(40);
  });
});
