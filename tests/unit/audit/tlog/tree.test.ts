import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import {
  appendTo,
  type Edge,
  edgeTiles,
  emptyEdge,
  partialTiles,
  rootOf,
  rootOfHashes,
  rootWithin,
  type Tile,
  type TileId,
  widthIn,
} from '#shared/audit/tlog/tree.ts';
import { hex } from './arbitraries.ts';
import { leafAt, naiveTile, naiveTreeOf } from './naive-tree.ts';

const largest = 70_000;
const naive = naiveTreeOf(largest);
const leaves = Array.from({ length: largest }, (_, index) => leafHash(leafAt(index)));

/** The tiles of a finished tree, with their bytes in hexadecimal. */
type Shown = TileId & { readonly bytes: string };

const show = ({ level, index, width, bytes }: Tile): Shown => ({
  level,
  index,
  width,
  bytes: hex(bytes),
});

const sorted = (tiles: readonly Shown[]): readonly Shown[] =>
  tiles.toSorted((a, b) => a.level - b.level || a.index - b.index);

/** Appends the leaves from the edge's size up to `size`. */
const growTo = (
  start: Edge,
  size: number,
): { readonly edge: Edge; readonly full: readonly Shown[] } => {
  const full: Shown[] = [];
  const appender = appendTo(start, (tile) => full.push(show(tile)));
  for (const leaf of leaves.slice(start.size, size)) appender.append(leaf);
  return { edge: appender.edge(), full };
};

/** Every tile of a tree by its definition: `floor(s / 256^l)` hashes at level l. */
const tilesByDefinition = (size: number): readonly Shown[] => {
  const tiles: Shown[] = [];
  for (let level = 0; Math.floor(size / 256 ** level) > 0; level += 1) {
    const hashes = Math.floor(size / 256 ** level);
    for (let index = 0; index * 256 < hashes; index += 1) {
      const tile = { level, index, width: Math.min(256, hashes - index * 256) };
      tiles.push(show({ ...tile, bytes: naiveTile(naive, tile) }));
    }
  }
  return tiles;
};

/** An edge as a sequencer restores it: from the published tiles only. */
const restore = (size: number): Edge => {
  const levels: Uint8Array[] = [];
  for (const tile of edgeTiles(size)) {
    while (levels.length < tile.level) levels.push(new Uint8Array());
    levels.push(naiveTile(naive, tile));
  }
  return { size, levels };
};

const borders = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_792, largest];

describe('the root', () => {
  it('is the Merkle tree hash at every size up to 1,100', () => {
    const appender = appendTo(emptyEdge);
    for (let size = 0; size <= 1100; size += 1) {
      expect(hex(rootOf(appender.edge()))).toBe(hex(naive.root(0, size)));
      for (const leaf of leaves.slice(size, size + 1)) appender.append(leaf);
    }
  });

  it.each(borders)('of %i leaves is the Merkle tree hash', (size) => {
    const expected = hex(naive.root(0, size));
    expect(hex(rootOf(growTo(emptyEdge, size).edge))).toBe(expected);
    expect(hex(rootOfHashes(leaves.slice(0, size)))).toBe(expected);
    expect(hex(rootOf(restore(size)))).toBe(expected);
  });
});

describe('appendTo', () => {
  it('in pieces does what it does at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), (pieces) => {
        let edge = emptyEdge;
        const full: Shown[] = [];
        for (const piece of pieces) {
          const grown = growTo(edge, edge.size + piece);
          full.push(...grown.full);
          edge = grown.edge;
        }
        const whole = growTo(emptyEdge, edge.size);
        expect(sorted(full)).toEqual(sorted(whole.full));
        expect(partialTiles(edge).map(show)).toEqual(partialTiles(whole.edge).map(show));
        expect(hex(rootOf(edge))).toBe(hex(rootOf(whole.edge)));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [65_535, 1],
    [65_535, 2],
    [65_536, 1],
    [65_537, 300],
    [256, 256],
    [255, 1],
  ])('goes on from the tiles of %i leaves by %i as if it had never stopped', (size, more) => {
    const before = sorted(tilesByDefinition(size)).filter(({ width }) => width === 256);
    const { edge, full } = growTo(restore(size), size + more);
    const all = [...before, ...full, ...partialTiles(edge).map(show)];
    expect(sorted(all)).toEqual(tilesByDefinition(size + more));
  });

  it.each(borders)('of %i leaves tells of exactly the tiles that the format defines', (size) => {
    const { edge, full } = growTo(emptyEdge, size);
    expect(sorted([...full, ...partialTiles(edge).map(show)])).toEqual(tilesByDefinition(size));
  });

  it('does so at any size', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3000 }), (size) => {
        const { edge, full } = growTo(emptyEdge, size);
        expect(sorted([...full, ...partialTiles(edge).map(show)])).toEqual(tilesByDefinition(size));
      }),
      { numRuns: 30 },
    );
  });

  it('of 70,000 leaves makes the tiles of the example in C2SP tlog-tiles', () => {
    const { edge, full } = growTo(emptyEdge, 70_000);
    expect([0, 1, 2].map((of) => full.filter(({ level }) => level === of).length)).toEqual([
      273, 1, 0,
    ]);
    expect(partialTiles(edge).map(({ level, index, width }) => [level, index, width])).toEqual([
      [0, 273, 112],
      [1, 1, 17],
      [2, 0, 1],
    ]);
  });

  it('tells of the tiles of a level in the order of their indexes', () => {
    const { full } = growTo(emptyEdge, 66_000);
    const indexes = full.filter(({ level }) => level === 0).map(({ index }) => index);
    expect(indexes).toEqual(Array.from({ length: 257 }, (_, index) => index));
  });

  it('keeps an edge that was handed out, whatever is appended afterwards', () => {
    const appender = appendTo(growTo(emptyEdge, 10).edge);
    const edge = appender.edge();
    const before = hex(rootOf(edge));
    for (const leaf of leaves.slice(10, 600)) appender.append(leaf);
    expect(edge.size).toBe(10);
    expect(hex(rootOf(edge))).toBe(before);
  });

  it('does not write into the edge it starts from', () => {
    const { edge } = growTo(emptyEdge, 255);
    const before = edge.levels.map(hex);
    growTo(edge, 600);
    expect(edge.levels.map(hex)).toEqual(before);
  });

  it.each([0, 31, 33, 64])('refuses a leaf hash of %i bytes, and stays as it was', (length) => {
    const appender = appendTo(growTo(emptyEdge, 3).edge);
    expect(() => {
      appender.append(new Uint8Array(length));
    }).toThrow(RangeError);
    expect(hex(rootOf(appender.edge()))).toBe(hex(naive.root(0, 3)));
  });
});

describe('an edge', () => {
  it('is restored from its tiles, whatever the size', () => {
    fc.assert(
      fc.property(fc.nat({ max: largest }), (size) => {
        const edge = restore(size);
        expect(hex(rootOf(edge))).toBe(hex(naive.root(0, size)));
        expect(
          partialTiles(edge).map(({ level, index, width }) => ({ level, index, width })),
        ).toEqual(edgeTiles(size));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['too few hashes', { size: 3, levels: [new Uint8Array(64)] }],
    ['too many hashes', { size: 3, levels: [new Uint8Array(128)] }],
    ['half a hash', { size: 3, levels: [new Uint8Array(95)] }],
    ['no hashes', { size: 3, levels: [] }],
    [
      'a level that its tree does not reach',
      { size: 3, levels: [new Uint8Array(96), new Uint8Array(32)] },
    ],
    ['a missing level', { size: 256, levels: [new Uint8Array()] }],
    ['a full tile as if unfinished', { size: 256, levels: [new Uint8Array(8192)] }],
    ['hashes of an empty tree', { size: 0, levels: [new Uint8Array(32)] }],
    ['a negative size', { size: -1, levels: [] }],
    ['a size above 2^53 - 1', { size: 2 ** 53, levels: [] }],
    ['half a leaf', { size: 0.5, levels: [] }],
  ])('with %s is refused', (_, edge) => {
    expect(() => rootOf(edge)).toThrow(RangeError);
    expect(() => appendTo(edge)).toThrow(RangeError);
  });

  it('may name empty levels above its tree', () => {
    const { levels } = restore(3);
    const edge = { size: 3, levels: [...levels, new Uint8Array(), new Uint8Array()] };
    expect(hex(rootOf(edge))).toBe(hex(naive.root(0, 3)));
    expect(hex(rootOf(growTo(edge, 300).edge))).toBe(hex(naive.root(0, 300)));
  });
});

describe('widthIn', () => {
  it('is the width of every tile by its definition, and 0 behind the last', () => {
    for (const size of borders) {
      for (const { level, index, width } of tilesByDefinition(size)) {
        expect(widthIn(size, level, index)).toBe(width);
      }
      expect(widthIn(size, 0, Math.ceil(size / 256))).toBe(0);
      expect(widthIn(size, 8, 0)).toBe(0);
    }
  });
});

describe('rootWithin', () => {
  const tile = naiveTile(naive, { level: 0, index: 1, width: 200 });

  it('is the root over a part of a tile', () => {
    for (const [position, width] of [
      [0, 1],
      [0, 128],
      [128, 64],
      [192, 8],
      [199, 1],
    ] as const) {
      expect(hex(rootWithin(tile, position, width))).toBe(
        hex(naive.root(256 + position, 256 + position + width)),
      );
    }
  });

  it.each([
    [200, 1],
    [199, 2],
    [0, 256],
  ])('refuses what a tile of 200 does not hold: %i, %i', (position, width) => {
    expect(() => rootWithin(tile, position, width)).toThrow(RangeError);
  });
});
