import { describe, expect, it } from 'vitest';
import { factsOfLeaf } from '#shared/audit/index/entry-facts.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { leavesInTime, rangeInTime, settleTime } from '#shared/oversight/exports/filter-ranges.ts';
import { buildLog } from '#tests/support/log-builder.ts';
import { testNow } from '#tests/support/messages.ts';
import { plainLeaf } from '#tests/support/plain-leaves.ts';
import { fill } from '../../audit/index/sample-facts.ts';

const minute = 60_000;
const config = recordLeafData('{"k":"config","v":1}');
const at = (minutes: number, seq = 1): Uint8Array =>
  plainLeaf({ t: testNow + minutes * minute, seq });

const lateNotice = (leaf: Uint8Array): Uint8Array => {
  const id = factsOfLeaf(leaf, { shard: 0, index: 0 })?.id ?? '';
  return recordLeafData(canonicalJson({ k: 'late', id, v: 1 }));
};

/** An inquiry every 30 s, 512 a bundle pair: minute n is leaf 2 n + 1. */
const steady = [config, ...Array.from({ length: 1200 }, (_, n) => at(n / 2, n))];

const logOf = async (leaves: readonly Uint8Array[], known = leaves.length) => {
  const { files, size } = await buildLog(leaves);
  const source = memorySegmentSource();
  const facts = leaves.slice(0, known).flatMap((leaf, index) => {
    const found = factsOfLeaf(leaf, { shard: 0, index });
    return found === undefined ? [] : [found];
  });
  if (known > 0) fill(source, facts, { shard: 0, size: known });
  return {
    log: { shard: 0, size, files: { get: async (path: string) => files.get(path) } },
    source,
    reading: {
      index: openedIndex(source.source, { segments: 4, summaries: 2 }, () => testNow),
      marks: { read: async () => ({ size: known, until: testNow }) },
      shards: 1,
    },
  };
};

const between = (from: number | undefined, to: number | undefined) => ({
  ...(from !== undefined && { from: testNow + from * minute }),
  ...(to !== undefined && { to: testNow + to * minute }),
});

describe('the leaves of a stretch of time', () => {
  it.each([
    [undefined, undefined, 0, 1201],
    [0, undefined, 0, 1201],
    [127, undefined, 0, 1201],
    [128, undefined, 256, 1201],
    [400, undefined, 768, 1201],
    [-600, undefined, 0, 1201],
    [9999, undefined, 1024, 1201],
  ])('from minute %s to %s are %i to %i, whole bundles', async (from, to, first, end) => {
    const { log } = await logOf(steady);
    expect(await leavesInTime(log, between(from, to))).toEqual({ from: first, to: end });
  });

  it('go on behind its end for as long as what counts them may take', async () => {
    const { log } = await logOf(steady);
    const to = 100;
    const range = await leavesInTime(log, between(0, to));
    const settled = 2 * (to + settleTime / minute) + 1;
    expect(range.to).toBeGreaterThanOrEqual(settled);
    expect(range.to - settled).toBeLessThanOrEqual(512);
  });

  it('are at least the last bundle, where there are none', async () => {
    const { log } = await logOf(steady);
    expect(await leavesInTime(log, between(-900, -800))).toEqual({ from: 0, to: 256 });
    expect(await leavesInTime(log, between(9000, 9001))).toEqual({ from: 1024, to: 1201 });
  });
});

const late = at(10, 7);
const withLate = [...steady.slice(0, 1000), late, lateNotice(late), ...steady.slice(1000)];

describe('the leaves in which every inquiry of a stretch of time stands', () => {
  it('reach to one that came late, as the index knows it', async () => {
    const { log, reading } = await logOf(withLate);
    expect(await rangeInTime(reading, log, between(5, 20))).toEqual({ from: 0, to: 1024 });
    expect((await rangeInTime(reading, log, between(15, 20))).to).toBe(256);
  });

  it('reach to one that the index does not know yet', async () => {
    for (const known of [0, 300, 1000]) {
      const { log, reading } = await logOf(withLate, known);
      expect(await rangeInTime(reading, log, between(5, 20))).toEqual({ from: 0, to: 1024 });
    }
  });

  it('ask no index where they reach to the end of the log', async () => {
    const { log, reading } = await logOf(steady);
    const marks = { read: () => Promise.reject(new Error('not needed')) };
    const range = await rangeInTime({ ...reading, marks }, log, between(500, 600));
    expect(range).toEqual({ from: 768, to: 1201 });
  });

  it('cannot be told while the index is broken', async () => {
    const { log, reading, source } = await logOf(withLate);
    source.put('index/0/segment/0', undefined);
    await expect(rangeInTime(reading, log, between(5, 20))).rejects.toMatchObject({
      name: 'index-unavailable',
    });
  });
});
