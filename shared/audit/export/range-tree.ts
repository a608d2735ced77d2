import { concat, equalBytes } from '../../kernel/bytes.ts';
import { type Hash, hashSize, perfectRoot } from '../tlog/hash.ts';
import { edgeTiles, rootOf, type TileId, tileWidth } from '../tlog/tree.ts';
import type { TreeRange } from './range-tiles.ts';

/** How the hashes of some leaves differ from the tree. */
export type Difference =
  | { readonly kind: 'none' }
  /** The indexes of those that do. */
  | { readonly kind: 'leaves'; readonly indexes: readonly number[] }
  /** One of them does, or more. */
  | { readonly kind: 'block' }
  /** Some leaves of the block are missing, and only its root is known. */
  | { readonly kind: 'unknown' };

export type RangeTree = {
  /** Takes the next tile, in the order of range-tiles.ts; false when it is not the tree's. */
  readonly take: (tile: TileId, bytes: Uint8Array) => boolean;
  /** Compares leaf hashes of one block with the tree; every tile must have been taken. */
  readonly compare: (first: number, hashes: readonly Hash[]) => Difference;
  /** The root over the first leaves; undefined when the tiles do not reach there. */
  readonly rootAt: (size: number) => Hash | undefined;
};

/** Tiles of leaves that are kept: 8 MiB of them. Of those behind, only the roots are known. */
export const maxKeptLeafTiles = 1024;

const keyOf = (level: number, index: number): string => `${level}/${index}`;

/**
 * The part of a tree that a range needs, believed tile by tile: the edge because the root is made of
 * it, every other tile because its own root stands in one that was believed before. Memory grows by
 * 32 bytes for 256 leaves. `sizes` are those that a root will be asked for.
 */
export const rangeTree = (
  { size, from, to, root }: TreeRange & { readonly root: Hash },
  sizes: readonly number[] = [],
): RangeTree => {
  const kept = new Map<string, Uint8Array>();
  const edge = edgeTiles(size);
  const wanted = new Set([from, to - 1, ...sizes].map((index) => Math.floor(index / tileWidth)));
  let taken = 0;
  let keptLeafTiles = 0;

  const rootAt = (at: number): Hash | undefined => {
    const levels: Uint8Array[] = [];
    for (const { level, index, width } of edgeTiles(at)) {
      while (levels.length < level) levels.push(new Uint8Array());
      const bytes = kept.get(keyOf(level, index));
      if (bytes === undefined || bytes.length < width * hashSize) return undefined;
      levels.push(bytes.subarray(0, width * hashSize));
    }
    return rootOf({ size: at, levels });
  };

  /** The hash that a full tile must have as its root. */
  const above = (level: number, index: number): Hash | undefined => {
    const position = (index % tileWidth) * hashSize;
    const bytes = kept.get(keyOf(level + 1, Math.floor(index / tileWidth)));
    return bytes?.subarray(position, position + hashSize);
  };

  const holds = ({ level, index, width }: TileId, bytes: Uint8Array): boolean => {
    if (bytes.length !== width * hashSize) return false;
    if (taken < edge.length) return true;
    const wantedRoot = above(level, index);
    return wantedRoot !== undefined && equalBytes(perfectRoot(bytes), wantedRoot);
  };

  const keep = ({ level, index }: TileId, bytes: Uint8Array): void => {
    const isEdge = taken < edge.length;
    if (level === 0 && !isEdge && !wanted.has(index)) {
      if (keptLeafTiles >= maxKeptLeafTiles) return;
      keptLeafTiles += 1;
    }
    kept.set(keyOf(level, index), bytes);
  };

  return {
    take: (tile, bytes) => {
      if (!holds(tile, bytes)) return false;
      keep(tile, bytes);
      taken += 1;
      if (taken !== edge.length) return true;
      const computed = rootAt(size);
      return computed !== undefined && equalBytes(computed, root);
    },
    compare: (first, hashes) => {
      const index = Math.floor(first / tileWidth);
      const tile = kept.get(keyOf(0, index));
      if (tile !== undefined) {
        const start = (first % tileWidth) * hashSize;
        const stand = tile.subarray(start, start + hashes.length * hashSize);
        if (equalBytes(concat(...hashes), stand)) return { kind: 'none' };
        const indexes = hashes.flatMap((hash, n) => {
          const stands = stand.subarray(n * hashSize, (n + 1) * hashSize);
          return equalBytes(hash, stands) ? [] : [first + n];
        });
        return { kind: 'leaves', indexes };
      }
      const wantedRoot = above(0, index);
      if (hashes.length !== tileWidth || wantedRoot === undefined) return { kind: 'unknown' };
      const computed = perfectRoot(concat(...hashes));
      return equalBytes(computed, wantedRoot) ? { kind: 'none' } : { kind: 'block' };
    },
    rootAt,
  };
};
