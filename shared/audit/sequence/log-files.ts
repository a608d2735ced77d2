import { equalBytes } from '../../kernel/bytes.ts';
import type { ByteRange, ObjectStore } from '../ports.ts';
import { formatBundle, parseBundle } from '../tlog/bundle.ts';
import { hashSize, leafHash } from '../tlog/hash.ts';
import type { ReadTiles } from '../tlog/prove.ts';
import { bundlePath, tilePath } from '../tlog/tile-path.ts';
import { type TileId, tileBytes, tileWidth } from '../tlog/tree.ts';

/** Where the resources of a shard's log are in the object store; `path` as in C2SP tlog-tiles. */
export const logKey = (shard: number, path: string): string => `log/${shard}/${path}`;

/** What has been written of a log, by its path. */
export type LogFiles = {
  readonly get: (path: string, range?: ByteRange) => Promise<Uint8Array | undefined>;
};

export const logFiles = (objects: Pick<ObjectStore, 'get'>, shard: number): LogFiles => ({
  get: (path, range) => objects.get(logKey(shard, path), range),
});

/** A resource that should be there and is not, or is too short. */
export class LogFileMissing extends Error {
  override readonly name = 'LogFileMissing';
}

/** The hashes of a tile; a partial one may have been replaced by the full one (C2SP tlog-tiles). */
export const readTile = async ({ get }: LogFiles, tile: TileId): Promise<Uint8Array> => {
  const found = await get(tilePath(tile));
  if (found?.length === tile.width * hashSize) return found;
  const full = tile.width < tileWidth ? await get(tilePath({ ...tile, width: tileWidth })) : found;
  if (full?.length !== tileWidth * hashSize) throw new LogFileMissing('A tile is missing.');
  return full.subarray(0, tile.width * hashSize);
};

/** Reads tiles for a proof, all at once. */
export const tileReader =
  (files: LogFiles): ReadTiles =>
  (tiles) =>
    Promise.all(tiles.map((tile) => readTile(files, tile)));

/** The first `width` entries of a bundle; a partial one may have been replaced by the full one. */
export const readBundle = async (
  { get }: LogFiles,
  index: number,
  width: number,
): Promise<readonly Uint8Array[]> => {
  const partial = await get(bundlePath({ index, width }));
  const found = partial === undefined ? undefined : parseBundle(partial, width);
  if (found !== undefined) return found;
  const full = width < tileWidth ? await get(bundlePath({ index, width: tileWidth })) : undefined;
  const entries = full === undefined ? undefined : parseBundle(full, tileWidth);
  if (entries === undefined) throw new LogFileMissing('An entry bundle is missing.');
  return entries.slice(0, width);
};

/**
 * The bytes of an entry that stand at a place in a bundle, of which `width` entries are published; the
 * rest of it is not read. A partial one may have been replaced by the full one.
 */
export const readEntryAt = async (
  { get }: LogFiles,
  { index, width }: { readonly index: number; readonly width: number },
  place: ByteRange,
): Promise<Uint8Array> => {
  const found = await get(bundlePath({ index, width }), place);
  if (found?.length === place.length) return found;
  const full =
    width < tileWidth ? await get(bundlePath({ index, width: tileWidth }), place) : undefined;
  if (full?.length !== place.length) throw new LogFileMissing('An entry is missing.');
  return full;
};

/** Whether entries are those of a level 0 tile. */
export const matchesTile = (entries: readonly Uint8Array[], tile: Uint8Array): boolean =>
  equalBytes(tile, tileBytes(entries.map(leafHash)));

/** A bundle and its path. */
export const bundleFile = (index: number, entries: readonly Uint8Array[]) => ({
  path: bundlePath({ index, width: entries.length }),
  bytes: formatBundle(entries),
});
