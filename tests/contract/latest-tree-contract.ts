import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LatestTree, Tree } from '#shared/audit/latest-tree.ts';
import { sha256, toBase64Url } from '#shared/kernel/bytes.ts';

const origin = 'exchange.example/log/0';

const treeOf = (size: bigint, said = String(size)): Tree => ({ size, root: sha256(said) });

const shownTree = (tree: Tree | undefined): unknown =>
  tree && { size: String(tree.size), root: toBase64Url(tree.root) };

/** Answers as texts: stores may hand back any kind of byte array. */
const shown = (answer: Awaited<ReturnType<LatestTree['compareAndSwap']>>): unknown =>
  answer === 'written' ? answer : { standing: shownTree(answer.standing) };

const anyTree = fc.record({
  size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

/** Of any characters that a note in UTF-8 can hold, up to the most that an origin may have. */
const anyOrigin = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 128 })
  .filter((text) => text.isWellFormed());

/** The promises of the port `LatestTree`, for every adapter alike. `makeStore` is called once a test. */
export const latestTreeContract = (
  name: string,
  makeStore: () => LatestTree | Promise<LatestTree>,
): void => {
  describe(`${name} as a LatestTree`, () => {
    it('has no tree of a log that was never signed for', async () => {
      const store = await makeStore();
      expect(await store.read(origin)).toBeUndefined();
    });

    it('takes a first tree, and then one in the place of the one before', async () => {
      const store = await makeStore();
      expect(await store.compareAndSwap(origin, undefined, treeOf(1n))).toBe('written');
      expect(shownTree(await store.read(origin))).toEqual(shownTree(treeOf(1n)));
      expect(await store.compareAndSwap(origin, treeOf(1n), treeOf(9n))).toBe('written');
      expect(shownTree(await store.read(origin))).toEqual(shownTree(treeOf(9n)));
    });

    it('tells what stands to whoever expected something else, and keeps it', async () => {
      const store = await makeStore();
      await store.compareAndSwap(origin, undefined, treeOf(5n));
      const wrong = [
        undefined,
        treeOf(4n),
        treeOf(5n, 'another root'),
        { ...treeOf(5n), size: 6n },
      ];
      for (const expected of wrong) {
        const answer = await store.compareAndSwap(origin, expected, treeOf(7n));
        expect(shown(answer)).toEqual({ standing: shownTree(treeOf(5n)) });
      }
      expect(shownTree(await store.read(origin))).toEqual(shownTree(treeOf(5n)));
    });

    it('tells that nothing stands to whoever expected a tree, and keeps nothing', async () => {
      const store = await makeStore();
      const answer = await store.compareAndSwap(origin, treeOf(4n), treeOf(7n));
      expect(answer).toEqual({ standing: undefined });
      expect(await store.read(origin)).toBeUndefined();
    });

    it('counts the very tree that stands as written, whatever was expected', async () => {
      const store = await makeStore();
      const next = treeOf(9n);
      await store.compareAndSwap(origin, undefined, treeOf(1n));
      for (const expected of [treeOf(1n), treeOf(1n), undefined, next]) {
        const again = { size: next.size, root: Uint8Array.from(next.root) };
        expect(await store.compareAndSwap(origin, expected, again)).toBe('written');
      }
    });

    it.each([
      ['its first tree', undefined],
      ['a later one', treeOf(1n)],
    ])('lets exactly one of thirty racing trees become %s', async (_, before) => {
      const store = await makeStore();
      if (before !== undefined) await store.compareAndSwap(origin, undefined, before);
      const trees = Array.from({ length: 30 }, (__, n) => treeOf(50n, String(n)));
      const answers = await Promise.all(
        trees.map((tree) => store.compareAndSwap(origin, before, tree)),
      );
      const winners = trees.filter((__, n) => answers[n] === 'written').map(shownTree);
      expect(winners).toHaveLength(1);
      const others = answers.filter((answer) => answer !== 'written').map(shown);
      expect(others).toEqual(Array.from({ length: 29 }, () => ({ standing: winners[0] })));
      expect(shownTree(await store.read(origin))).toEqual(winners[0]);
    });

    it('keeps origins apart that are alike', async () => {
      const store = await makeStore();
      const origins = ['log', 'log#', 'log/', 'Log', 'log ', '#log', 'é', 'e\u0301'];
      for (const [n, one] of origins.entries()) {
        expect(await store.compareAndSwap(one, undefined, treeOf(BigInt(n)))).toBe('written');
      }
      for (const [n, one] of origins.entries()) {
        expect(shownTree(await store.read(one))).toEqual(shownTree(treeOf(BigInt(n))));
      }
    });

    it.each([2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n])(
      'keeps the size %i exactly',
      async (size) => {
        const store = await makeStore();
        await store.compareAndSwap(origin, undefined, treeOf(size));
        expect((await store.read(origin))?.size).toBe(size);
        const off = { ...treeOf(size), size: size - 1n };
        expect(await store.compareAndSwap(origin, off, treeOf(1n))).not.toBe('written');
        expect(await store.compareAndSwap(origin, treeOf(size), treeOf(1n))).toBe('written');
      },
    );

    it('gives back every tree of every origin as it was written', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(anyOrigin, anyTree, async (one, tree) => {
          const before = await store.read(one);
          expect(await store.compareAndSwap(one, before, tree)).toBe('written');
          expect(shownTree(await store.read(one))).toEqual(shownTree(tree));
        }),
        { numRuns: 60 },
      );
    });
  });
};
