import { edgeTiles, type TileId, tileWidth, widthIn } from '../tlog/tree.ts';

/** Leaves of a tree of `size`: from `from` up to and without `to`. */
export type TreeRange = { readonly size: number; readonly from: number; readonly to: number };

/** The full tiles above a range's leaves, from the top down to their own. */
const pathTiles = function* ({ size, from, to }: TreeRange): Generator<TileId, void, undefined> {
  let top = 0;
  while (tileWidth ** (top + 1) <= size) top += 1;
  for (let level = top; level >= 0; level -= 1) {
    const span = tileWidth ** (level + 1);
    for (let index = Math.floor(from / span); index <= Math.floor((to - 1) / span); index += 1) {
      if (widthIn(size, level, index) === tileWidth) yield { level, index, width: tileWidth };
    }
  }
};

/**
 * The tiles that lead from a range's leaves to the root, in the order of an export: first the edge
 * of the tree, of which the root is made, then every tile behind the one that holds its own root.
 */
export const rangeTiles = function* (range: TreeRange): Generator<TileId, void, undefined> {
  yield* edgeTiles(range.size);
  yield* pathTiles(range);
};

/** A full tile of leaf hashes, which only the edge is not: those stand last. */
export const isLeafTile = ({ level, width }: TileId): boolean => level === 0 && width === tileWidth;

/** A range's leaves of one bundle. */
export type RangeBlock = { readonly first: number; readonly count: number };

/** A range, cut where bundles end. */
export const rangeBlocks = function* ({
  from,
  to,
}: Omit<TreeRange, 'size'>): Generator<RangeBlock, void, undefined> {
  for (let first = from; first < to; ) {
    const end = Math.min(to, (Math.floor(first / tileWidth) + 1) * tileWidth);
    yield { first, count: end - first };
    first = end;
  }
};
