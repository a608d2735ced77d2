import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeBlocks, rangeTiles } from '#shared/audit/export/range-tiles.ts';
import { maxKeptLeafTiles, type RangeTree, rangeTree } from '#shared/audit/export/range-tree.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { tilePath } from '#shared/audit/tlog/tile-path.ts';
import {
  appendTo,
  emptyEdge,
  partialTiles,
  rootOf,
  rootOfHashes,
  type TileId,
  tileWidth,
} from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';

/** A tree of made-up leaves, all its tiles by their paths. */
const treeOf = (size: number) => {
  const hashes = Array.from({ length: size }, (_, n) => leafHash(utf8(`leaf ${n}`)));
  const tiles = new Map<string, Uint8Array>();
  const { append, edge } = appendTo(emptyEdge, ({ bytes, ...tile }) =>
    tiles.set(tilePath(tile), bytes.slice()),
  );
  hashes.forEach(append);
  for (const { bytes, ...tile } of partialTiles(edge())) tiles.set(tilePath(tile), bytes);
  return { size, hashes, root: rootOf(edge()), read: (tile: TileId) => tiles.get(tilePath(tile)) };
};

type Tree = ReturnType<typeof treeOf>;

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, n) => (n === at ? byte ^ 1 : byte));

/** Takes all tiles of a range, one of them changed; undefined as soon as one does not hold. */
const taken = (
  { size, root, read }: Tree,
  range: { readonly from: number; readonly to: number },
  {
    change,
    sizes = [],
  }: {
    readonly change?: (n: number, bytes: Uint8Array) => Uint8Array;
    readonly sizes?: readonly number[];
  } = {},
): RangeTree | undefined => {
  const tree = rangeTree({ size, root, ...range }, sizes);
  for (const [n, tile] of [...rangeTiles({ size, ...range })].entries()) {
    const bytes = read(tile);
    if (bytes === undefined) throw new Error('the tree has no such tile');
    if (!tree.take(tile, change?.(n, bytes) ?? bytes)) return undefined;
  }
  return tree;
};

const medium = treeOf(3 * tileWidth + 17);
const tall = treeOf(tileWidth ** 2 + 2 * tileWidth + 5);
const large = treeOf((maxKeptLeafTiles + 3) * tileWidth);

const rangeIn = (size: number) =>
  fc
    .tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 }))
    .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));

const compareAll = ({ hashes }: Tree, tree: RangeTree, range: { from: number; to: number }) =>
  [...rangeBlocks(range)].map(
    ({ first, count }) => tree.compare(first, hashes.slice(first, first + count)).kind,
  );

describe('the tiles of a range', () => {
  it('lead from every leaf to the root, in trees of all sizes', () => {
    for (const size of [1, 2, 255, 256, 257, 512, 600]) {
      const tree = treeOf(size);
      fc.assert(
        fc.property(rangeIn(size), (range) => {
          const known = taken(tree, range);
          const compared = known === undefined ? ['not believed'] : compareAll(tree, known, range);
          expect(new Set(compared)).toEqual(new Set(['none']));
        }),
        { numRuns: 20 },
      );
    }
  });

  it('are each once, and the same each time', () => {
    fc.assert(
      fc.property(rangeIn(tall.size), (range) => {
        const paths = [...rangeTiles({ size: tall.size, ...range })].map(tilePath);
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths.length).toBeLessThan(8 + (range.to - range.from) / tileWidth);
      }),
    );
  });

  it('are few for one leaf of many', () => {
    const tiles = [...rangeTiles({ size: 10_000_000_000, from: 5, to: 6 })].map(tilePath);
    expect(tiles.slice(-5)).toEqual([
      'tile/4/000.p/2',
      'tile/3/000',
      'tile/2/000',
      'tile/1/000',
      'tile/0/000',
    ]);
    expect(tiles).toHaveLength(8);
  });
});

describe('rangeTree', () => {
  it('believes no tile in which a bit is another', () => {
    const range = { from: tileWidth ** 2 - 3, to: tileWidth ** 2 + tileWidth };
    const count = [...rangeTiles({ size: tall.size, ...range })].length;
    fc.assert(
      fc.property(fc.nat({ max: count - 1 }), fc.nat({ max: tileWidth * 32 - 1 }), (n, at) => {
        const change = (m: number, bytes: Uint8Array) =>
          m === n ? flipped(bytes, at % bytes.length) : bytes;
        expect(taken(tall, range, { change })).toBeUndefined();
      }),
    );
    const short = (n: number, bytes: Uint8Array) => (n === 0 ? bytes.subarray(32) : bytes);
    expect(taken(tall, range, { change: short })).toBeUndefined();
  });

  it('names each leaf that is another', () => {
    const range = { from: 100, to: 3 * tileWidth + 10 };
    const tree = taken(medium, range);
    fc.assert(
      fc.property(fc.constantFrom(...rangeBlocks(range)), fc.nat(), ({ first, count }, which) => {
        const n = which % count;
        const hashes = medium.hashes.slice(first, first + count).with(n, leafHash(utf8('other')));
        expect(tree?.compare(first, hashes)).toEqual({ kind: 'leaves', indexes: [first + n] });
      }),
    );
  });

  it('names the block where there are too many leaves to keep their tiles', () => {
    const range = { from: 1, to: large.size - 1 };
    const tree = taken(large, range);
    if (tree === undefined) throw new Error('a right tile was not believed');
    expect(new Set(compareAll(large, tree, range))).toEqual(new Set(['none']));
    // Behind the tiles that are kept, and before the last one, which is kept as the border.
    const first = (maxKeptLeafTiles + 1) * tileWidth;
    const hashes = large.hashes.slice(first, first + tileWidth);
    const other = hashes.with(9, leafHash(utf8('other')));
    expect(tree.compare(first, other)).toEqual({ kind: 'block' });
    expect(tree.compare(first, hashes.slice(1))).toEqual({ kind: 'unknown' });
    const border = large.size - tileWidth;
    const last = large.hashes.slice(border, -1).with(4, leafHash(utf8('other')));
    expect(tree.compare(border, last)).toEqual({ kind: 'leaves', indexes: [border + 4] });
  });

  it('has the roots of earlier trees where its tiles reach', () => {
    const range = { from: 500, to: 700 };
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 700 }), (size) => {
        const root = taken(medium, range, { sizes: [size] })?.rootAt(size);
        expect(root).toEqual(rootOfHashes(medium.hashes.slice(0, size)));
      }),
    );
    const tree = taken(medium, range, { sizes: [0, 100, medium.size] });
    expect(tree?.rootAt(medium.size)).toEqual(medium.root);
    expect(tree?.rootAt(0)).toEqual(rootOfHashes([]));
    expect(tree?.rootAt(100)).toBeUndefined();
  });
});
