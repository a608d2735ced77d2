import { describe, expect, it } from 'vitest';
import { checkConsistency, checkInclusion } from '#shared/audit/tlog/check.ts';
import { proveConsistency, proveInclusion, type ReadTiles } from '#shared/audit/tlog/prove.ts';
import { hexes } from './arbitraries.ts';
import { naiveTile, naiveTreeOf } from './naive-tree.ts';

const largest = 66_000;
const naive = naiveTreeOf(largest);

/** All hashes of each level, one after another. */
const levels = [0, 1, 2].map((level) =>
  naiveTile(naive, { level, index: 0, width: Math.floor(largest / 256 ** level) }),
);

/** Serves a log of `size`: each tile in the one width that the format gives it there, none else. */
const tilesOf =
  (size: number): ReadTiles =>
  async (tiles) =>
    tiles.map(({ level, index, width }) => {
      const there = Math.floor(size / 256 ** level) - index * 256;
      if (width < 1 || width !== Math.min(there, 256)) throw new Error('no such tile');
      const first = index * 256;
      return levels[level]?.subarray(first * 32, (first + width) * 32) ?? new Uint8Array();
    });

const shown = (proof: readonly Uint8Array[]): string => hexes(proof).join(' ');

const borders = [0, 1, 255, 256, 511, 512, 1023, 1024];

const within = (size: number, more: readonly number[]): readonly number[] => [
  ...new Set([...borders, ...more, size >> 1, size - 1].filter((n) => n >= 0 && n < size)),
];

/** Every size from 1 to 1,100, in parts. */
const ranges = [1, 276, 551, 826].map((from) => [from, from + 274] as const);
const far = [65_279, 65_280, 65_281, 65_534, 65_535, 65_536];

describe('proveInclusion', () => {
  const holds = async (size: number, indexes: readonly number[]): Promise<void> => {
    const read = tilesOf(size);
    for (const index of indexes) {
      const proof = await proveInclusion(index, size, read);
      expect(shown(proof)).toBe(shown(naive.path(index, size)));
      const claim = {
        leaf: naive.root(index, index + 1),
        index: BigInt(index),
        size: BigInt(size),
        root: naive.root(0, size),
        proof,
      };
      expect(checkInclusion(claim)).toBe(true);
    }
  };

  it.each(ranges)(
    'is PATH of RFC 6962 at every size from %i to %i, and holds',
    async (from, to) => {
      for (let size = from; size <= to; size += 1) await holds(size, within(size, []));
    },
  );

  it.each([65_535, 65_536, 65_537])('is PATH in a tree of %i leaves', async (size) => {
    await holds(size, within(size, far));
  });

  it('asks once for all tiles, and for none twice', async () => {
    const asked: string[][] = [];
    const read: ReadTiles = (tiles) => {
      asked.push(tiles.map(({ level, index }) => `${level}/${index}`));
      return tilesOf(65_537)(tiles);
    };
    await proveInclusion(300, 65_537, read);
    expect(asked).toEqual([expect.arrayContaining(['0/1', '1/0'])]);
    expect(asked.flat()).toEqual([...new Set(asked.flat())]);
  });

  it.each([
    [-1, 5],
    [5, 5],
    [6, 5],
    [0, 0],
    [0.5, 5],
    [0, 5.5],
    [Number.NaN, 5],
    [0, 2 ** 53 + 2],
    [0, Number.POSITIVE_INFINITY],
  ])('there is none for leaf %d of %d', async (index, size) => {
    const read: ReadTiles = async () => [];
    await expect(proveInclusion(index, size, read)).rejects.toThrow('There is no such proof.');
  });

  it('fails when a tile is narrower than asked for, or missing', async () => {
    const narrow: ReadTiles = async (tiles) => tiles.map(() => new Uint8Array(32));
    await expect(proveInclusion(0, 600, narrow)).rejects.toThrow(RangeError);
    await expect(proveInclusion(0, 600, async () => [])).rejects.toThrow(RangeError);
  });

  it('takes the full tile where the partial one is gone already', async () => {
    const full: ReadTiles = async (tiles) =>
      tiles.map(({ level, index }) =>
        naiveTile(naive, { level, index, width: level === 0 ? 256 : 4 }),
      );
    expect(hexes(await proveInclusion(700, 900, full))).toEqual(hexes(naive.path(700, 900)));
  });

  it('passes on what the reader says', async () => {
    const broken: ReadTiles = async () => {
      throw new Error('the store is away');
    };
    await expect(proveInclusion(0, 600, broken)).rejects.toThrow('the store is away');
  });
});

describe('proveConsistency', () => {
  const holds = async (size: number, olds: readonly number[]): Promise<void> => {
    const read = tilesOf(size);
    for (const old of olds) {
      const proof = await proveConsistency(old, size, read);
      expect(shown(proof)).toBe(old === 0 ? '' : shown(naive.proof(old, size)));
      const claim = {
        oldSize: BigInt(old),
        oldRoot: naive.root(0, old),
        size: BigInt(size),
        root: naive.root(0, size),
        proof,
      };
      // The empty tree is no statement.
      expect(checkConsistency(claim)).toBe(old > 0);
    }
  };

  it.each(ranges)(
    'is PROOF of RFC 6962 at every size from %i to %i, and holds',
    async (from, to) => {
      for (let size = from; size <= to; size += 1) await holds(size, [...within(size, []), size]);
    },
  );

  it.each([65_535, 65_536, 65_537])('is PROOF to a tree of %i leaves', async (size) => {
    await holds(size, [...within(size, far), size]);
  });

  it('needs no tile of the tree that is gone by: those of the new one do', async () => {
    expect(hexes(await proveConsistency(300, 600, tilesOf(600)))).toEqual(
      hexes(naive.proof(300, 600)),
    );
  });

  it.each([
    [-1, 5],
    [6, 5],
    [1, 0],
    [0.5, 5],
    [1, 5.5],
    [Number.NaN, 5],
    [1, 2 ** 53 + 2],
  ])('there is none from %d to %d', async (old, size) => {
    await expect(proveConsistency(old, size, async () => [])).rejects.toThrow(
      'There is no such proof.',
    );
  });

  it('from nothing to nothing is empty', async () => {
    expect(await proveConsistency(0, 0, async () => [])).toEqual([]);
  });
});
