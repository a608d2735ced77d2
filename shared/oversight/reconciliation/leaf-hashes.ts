import type { Place } from '../../audit/index/entry-facts.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import { logFiles, readTile } from '../../audit/sequence/log-files.ts';
import { hashSize } from '../../audit/tlog/hash.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { toBase64Url } from '../../kernel/bytes.ts';

/**
 * Reads the leaf hashes of published leaves, as receipts name them, from the tiles of the log: each tile
 * once. Rejects with `store-unavailable`, and `LogFileMissing` for what the log lacks.
 */
export const leafHashes = (
  objects: Pick<ObjectStore, 'get'>,
): ((place: Place) => Promise<string>) => {
  const sizes = new Map<number, Promise<number>>();
  const tiles = new Map<string, Promise<Uint8Array>>();
  const sizeOf = (shard: number): Promise<number> => {
    const size = sizes.get(shard) ?? publishedSize(objects, shard);
    sizes.set(shard, size);
    return size;
  };
  const load = async (shard: number, index: number): Promise<Uint8Array> => {
    const width = Math.min(tileWidth, (await sizeOf(shard)) - index * tileWidth);
    return readTile(logFiles(objects, shard), { level: 0, index, width });
  };
  const tileOf = (shard: number, index: number): Promise<Uint8Array> => {
    const key = `${shard} ${index}`;
    const tile = tiles.get(key) ?? load(shard, index);
    tiles.set(key, tile);
    return tile;
  };
  return async ({ shard, index }) => {
    const tile = await tileOf(shard, Math.floor(index / tileWidth));
    const at = (index % tileWidth) * hashSize;
    return toBase64Url(tile.subarray(at, at + hashSize));
  };
};
