import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Head, LogHead } from '#shared/audit/log-head.ts';
import { sha256, sha256Url, toBase64Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const first: Head = {
  version: 1,
  size: 3,
  root: sha256('first'),
  bucket: 180_000_000,
  slot: 0,
  again: [179_999_880, 179_990_640],
  late: [],
  config: '',
  time: testNow,
};

const nextOf = (head: Head, said: string): Head => ({
  ...head,
  version: head.version + 1,
  size: head.size + 5,
  root: sha256(said),
  config: sha256Url(said),
});

/** Heads as texts: stores may hand back any kind of byte array. */
const shown = (head: Head | 'written' | undefined): unknown =>
  head === undefined || head === 'written' ? head : { ...head, root: toBase64Url(head.root) };

const count = fc.maxSafeNat();

const anyHead: fc.Arbitrary<Head> = fc.record({
  version: fc.constant(1),
  size: count,
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  bucket: count,
  slot: fc.nat(),
  again: fc.tuple(count, count),
  late: fc.array(
    fc.integer({ min: 0, max: 2 ** 47 }).map((time) => InquiryId.parse(inquiryIdAt(time))),
    { maxLength: 40 },
  ),
  config: fc.constantFrom('', sha256Url('settings')),
  time: count,
});

/** The promises of the port `LogHead`, for every adapter alike. `makeStore` is called once a test. */
export const logHeadContract = (
  name: string,
  makeStore: () => LogHead | Promise<LogHead>,
): void => {
  describe(`${name} as a LogHead`, () => {
    it('has no head before the first', async () => {
      const store = await makeStore();
      expect(await store.read(0)).toBeUndefined();
    });

    it('takes version 1 first, and then each next version', async () => {
      const store = await makeStore();
      const second = nextOf(first, 'second');
      expect(await store.compareAndSwap(0, first)).toBe('written');
      expect(shown(await store.read(0))).toEqual(shown(first));
      expect(await store.compareAndSwap(0, second)).toBe('written');
      expect(shown(await store.read(0))).toEqual(shown(second));
    });

    it('tells the head that stands to one that is stale or a version ahead, and keeps it', async () => {
      const store = await makeStore();
      const second = nextOf(first, 'second');
      await store.compareAndSwap(0, first);
      await store.compareAndSwap(0, second);
      const refused = [first, nextOf(first, 'other'), { ...second, version: 4 }];
      for (const head of refused) {
        expect(shown(await store.compareAndSwap(0, head))).toEqual(shown(second));
      }
      expect(shown(await store.read(0))).toEqual(shown(second));
    });

    it('counts the very head that stands as written, however often it comes', async () => {
      const store = await makeStore();
      const again = { ...first, root: Uint8Array.from(first.root), late: [...first.late] };
      expect(await store.compareAndSwap(0, first)).toBe('written');
      expect(await store.compareAndSwap(0, again)).toBe('written');
      expect(await store.compareAndSwap(0, again)).toBe('written');
    });

    it.each([
      ['size', { size: 4 }],
      ['root', { root: sha256('another') }],
      ['bucket', { bucket: 180_000_001 }],
      ['slot', { slot: 1 }],
      ['first look again', { again: [179_999_881, 179_990_640] }],
      ['second look again', { again: [179_999_880, 179_990_641] }],
      ['late entries', { late: ['one'] }],
      ['settings', { config: sha256Url('settings') }],
      ['time', { time: testNow + 1 }],
    ] as const)('knows a head as another one by its %s alone', async (_, other) => {
      const store = await makeStore();
      await store.compareAndSwap(0, first);
      expect(shown(await store.compareAndSwap(0, { ...first, ...other }))).toEqual(shown(first));
    });

    it('throws where there is no head to follow, and writes none', async () => {
      const store = await makeStore();
      await expect(store.compareAndSwap(0, { ...first, version: 2 })).rejects.toThrow(
        'The log has no head',
      );
      expect(await store.read(0)).toBeUndefined();
    });

    it('lets exactly one of thirty racing first heads stand, and tells the others which', async () => {
      const store = await makeStore();
      const heads = Array.from({ length: 30 }, (_, n) => ({ ...first, root: sha256(String(n)) }));
      const answers = await Promise.all(heads.map((head) => store.compareAndSwap(0, head)));
      const winners = heads.filter((_, n) => answers[n] === 'written').map(shown);
      expect(winners).toHaveLength(1);
      const others = answers.filter((answer) => answer !== 'written').map(shown);
      expect(others).toEqual(Array.from({ length: 29 }, () => winners[0]));
      expect(shown(await store.read(0))).toEqual(winners[0]);
    });

    it('lets exactly one of thirty racing swaps win, at every version', async () => {
      const store = await makeStore();
      let standing = first;
      await store.compareAndSwap(0, standing);
      for (const round of ['a', 'b', 'c']) {
        const before = standing;
        const heads = Array.from({ length: 30 }, (_, n) => nextOf(before, `${round}${n}`));
        const answers = await Promise.all(heads.map((head) => store.compareAndSwap(0, head)));
        const winners = heads.filter((_, n) => answers[n] === 'written');
        expect(winners).toHaveLength(1);
        standing = winners[0] ?? standing;
        expect(shown(await store.read(0))).toEqual(shown(standing));
      }
    });

    it('keeps shards apart, however alike their numbers are', async () => {
      const store = await makeStore();
      const heads = [0, 1, 10, 11].map((shard) => ({ ...first, slot: shard }));
      for (const head of heads) expect(await store.compareAndSwap(head.slot, head)).toBe('written');
      for (const head of heads) expect(shown(await store.read(head.slot))).toEqual(shown(head));
    });

    it('gives back every head as it was written', async () => {
      const store = await makeStore();
      let shard = 100;
      await fc.assert(
        fc.asyncProperty(anyHead, async (head) => {
          shard += 1;
          expect(await store.compareAndSwap(shard, head)).toBe('written');
          expect(shown(await store.read(shard))).toEqual(shown(head));
          expect(await store.compareAndSwap(shard, head)).toBe('written');
        }),
        { numRuns: 40 },
      );
    });

    it('carries ten thousand late entries', async () => {
      const store = await makeStore();
      const late = Array.from({ length: 10_000 }, () => inquiryIdAt(testNow));
      expect(await store.compareAndSwap(0, { ...first, late })).toBe('written');
      expect((await store.read(0))?.late).toEqual(late);
    });

    it.each([
      ['a root that is too short', { root: new Uint8Array(31) }, 'must be 32 bytes'],
      ['a size that is no whole number', { size: 1.5 }, 'size'],
      ['a size beyond 2^53', { size: 2 ** 53 }, 'size'],
      ['a time that is no number', { time: Number.NaN }, 'time'],
    ])('refuses %s: it could not be read again', async (_, wrong, reason) => {
      const store = await makeStore();
      await expect(store.compareAndSwap(0, { ...first, ...wrong })).rejects.toThrow(reason);
      expect(await store.read(0)).toBeUndefined();
    });
  });
};
