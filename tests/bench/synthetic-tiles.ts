import { type Hash, hashSize, leafHash, perfectRoot } from '#shared/audit/tlog/hash.ts';
import type { ReadTiles } from '#shared/audit/tlog/prove.ts';
import { type Edge, type TileId, tileWidth, widthIn } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';

/** A tile in which one hash stands everywhere. */
const filled = (hash: Hash): Uint8Array => {
  const tile = new Uint8Array(tileWidth * hashSize);
  for (let n = 0; n < tileWidth; n += 1) tile.set(hash, n * hashSize);
  return tile;
};

/** A log of any size whose leaves are all alike, so that every full subtree of a height is too. */
export type SyntheticLog = {
  readonly leaf: Hash;
  readonly read: ReadTiles;
  readonly edge: Edge;
};

export const syntheticLog = (size: number): SyntheticLog => {
  const leaf = leafHash(utf8('the same leaf, a thousand million times'));
  const tiles: Uint8Array[] = [];
  for (let hash = leaf; tileWidth ** tiles.length <= size; ) {
    const tile = filled(hash);
    tiles.push(tile);
    hash = perfectRoot(tile);
  }
  const bytesOf = ({ level, width }: Pick<TileId, 'level' | 'width'>): Uint8Array =>
    (tiles[level] ?? new Uint8Array()).slice(0, width * hashSize);
  return {
    leaf,
    read: async (ids) => ids.map(bytesOf),
    edge: {
      size,
      levels: tiles.map((_, level) => {
        const index = Math.floor(size / tileWidth ** (level + 1));
        return bytesOf({ level, width: widthIn(size, level, index) });
      }),
    },
  };
};
