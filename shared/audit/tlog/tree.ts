import { concat } from '../../kernel/bytes.ts';
import { emptyRoot, type Hash, hashSize, nodeHash, perfectRoot } from './hash.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256;

/** Which tile: the `index`-th of its level, holding the first `width` of its 256 hashes. */
export type TileId = { readonly level: number; readonly index: number; readonly width: number };

/** A tile's hashes one after another: 32 · width bytes. */
export type Tile = TileId & { readonly bytes: Uint8Array };

/**
 * The right edge of a tree: all that is needed to append to it. `levels[l]` holds the hashes of the
 * last, unfinished tile of level l, one after another; a level that stands at a border is empty.
 */
export type Edge = { readonly size: number; readonly levels: readonly Uint8Array[] };

export const emptyEdge: Edge = { size: 0, levels: [] };

/** The `width` hashes at `position`, as a view. */
const hashesAt = (bytes: Uint8Array, position: number, width: number): Uint8Array =>
  bytes.subarray(position * hashSize, (position + width) * hashSize);

/** The roots of the perfect trees that `bytes` falls into, the largest first. */
const peaksOf = (bytes: Uint8Array): readonly Hash[] => {
  const count = bytes.length / hashSize;
  const peaks: Hash[] = [];
  let position = 0;
  for (let width = tileWidth; width >= 1; width /= 2) {
    if (count - position >= width) {
      peaks.push(perfectRoot(hashesAt(bytes, position, width)));
      position += width;
    }
  }
  return peaks;
};

/** Throws a RangeError for an edge whose levels are not those of a tree of its size. */
const checkEdge = ({ size, levels }: Edge): void => {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('There is no such tree.');
  for (let level = 0; level < levels.length || tileWidth ** level <= size; level += 1) {
    const width = Math.floor(size / tileWidth ** level) % tileWidth;
    if ((levels[level]?.length ?? 0) !== width * hashSize) {
      throw new RangeError('The edge does not belong to a tree of its size.');
    }
  }
};

/** The root over a range of hashes of a tile: a power of two of them, at a multiple of it. */
export const rootWithin = (tile: Uint8Array, position: number, width: number): Hash => {
  if ((position + width) * hashSize > tile.length) throw new RangeError('The tile is too narrow.');
  return perfectRoot(hashesAt(tile, position, width));
};

/** The root of the tree (RFC 6962 §2.1). Throws a RangeError for an edge that does not fit its size. */
export const rootOf = (edge: Edge): Hash => {
  checkEdge(edge);
  let root: Hash | undefined;
  for (const level of edge.levels) {
    for (const peak of peaksOf(level).toReversed()) {
      root = root === undefined ? peak : nodeHash(peak, root);
    }
  }
  return root ?? emptyRoot;
};

/** A tree that grows by leaf hashes; it tells of every tile that is finished. */
export type Appender = {
  readonly append: (leaf: Hash) => void;
  readonly edge: () => Edge;
};

/**
 * Grows a tree from its edge, in constant memory. `finished` is called with every full tile, those
 * of a level in the order of their indexes; its bytes are used again and must be copied to be kept.
 * Throws a RangeError for an edge that does not fit its size.
 */
export const appendTo = (start: Edge, finished: (tile: Tile) => void = () => {}): Appender => {
  checkEdge(start);
  let { size } = start;
  const levels: { readonly bytes: Uint8Array; width: number; index: number }[] = [];
  const levelAt = (level: number) => {
    const standing = levels[level];
    if (standing !== undefined) return standing;
    const bytes = new Uint8Array(tileWidth * hashSize);
    const edge = start.levels[level] ?? new Uint8Array();
    bytes.set(edge);
    const index = Math.floor(start.size / tileWidth ** (level + 1));
    const made = { bytes, width: edge.length / hashSize, index };
    levels.push(made);
    return made;
  };
  for (let level = 0; level < start.levels.length; level += 1) levelAt(level);
  const push = (level: number, value: Hash): void => {
    const at = levelAt(level);
    at.bytes.set(value, at.width * hashSize);
    at.width += 1;
    if (at.width < tileWidth) return;
    finished({ level, index: at.index, width: tileWidth, bytes: at.bytes });
    const root = perfectRoot(at.bytes);
    at.width = 0;
    at.index += 1;
    push(level + 1, root);
  };
  return {
    append: (leaf) => {
      if (leaf.length !== hashSize) throw new RangeError('A hash has 32 bytes.');
      push(0, leaf);
      size += 1;
    },
    edge: () => ({
      size,
      levels: levels.map(({ bytes, width }) => bytes.slice(0, width * hashSize)),
    }),
  };
};

/** The tiles at the edge that are not full. */
export const partialTiles = ({ size, levels }: Edge): readonly Tile[] =>
  levels.flatMap((bytes, level) =>
    bytes.length === 0
      ? []
      : [
          {
            level,
            index: Math.floor(size / tileWidth ** (level + 1)),
            width: bytes.length / hashSize,
            bytes,
          },
        ],
  );

/** How many hashes a tile holds in a tree of `size`: 0 to 256 (C2SP tlog-tiles, Partial Tiles). */
export const widthIn = (size: number, level: number, index: number): number => {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.min(Math.max(hashes - index * tileWidth, 0), tileWidth);
};

/** The unfinished tiles of a tree of `size`: those that its edge is read from. */
export const edgeTiles = (size: number): readonly TileId[] => {
  const tiles: TileId[] = [];
  for (let level = 0; Math.floor(size / tileWidth ** level) > 0; level += 1) {
    const index = Math.floor(size / tileWidth ** (level + 1));
    const width = widthIn(size, level, index);
    if (width > 0) tiles.push({ level, index, width });
  }
  return tiles;
};

/** The root over leaf hashes: for trees that fit in memory. */
export const rootOfHashes = (leaves: readonly Hash[]): Hash => {
  const { append, edge } = appendTo(emptyEdge);
  leaves.forEach(append);
  return rootOf(edge());
};

/** A tile's bytes from its hashes. */
export const tileBytes = (hashes: readonly Hash[]): Uint8Array => concat(...hashes);
