import { formatBundle, parseBundle } from '../../audit/tlog/bundle.ts';
import { hashSize } from '../../audit/tlog/hash.ts';
import { type BundleId, bundlePath, tilePath } from '../../audit/tlog/tile-path.ts';
import { type TileId, tileWidth } from '../../audit/tlog/tree.ts';

/** It could not be told what stands somewhere: no network, no permission, no answer. */
export class LogUnreadable extends Error {
  override readonly name = 'LogUnreadable';
}

/**
 * A tiled log (C2SP tlog-tiles) as it is published. Resolves to undefined for what is not there;
 * rejects with {@link LogUnreadable} when that cannot be told. Nothing it says is believed.
 */
export type LogReader = {
  readonly checkpoint: () => Promise<Uint8Array | undefined>;
  readonly tile: (tile: TileId) => Promise<Uint8Array | undefined>;
  readonly bundle: (bundle: BundleId) => Promise<Uint8Array | undefined>;
};

/** Reads one resource below a log's prefix, as {@link LogReader} does. */
export type ReadPath = (path: string) => Promise<Uint8Array | undefined>;

const firstEntries = (bytes: Uint8Array | undefined, width: number): Uint8Array | undefined => {
  const entries = bytes === undefined ? undefined : parseBundle(bytes, tileWidth);
  return entries === undefined ? bytes : formatBundle(entries.slice(0, width));
};

/**
 * A reader by paths. A partial tile that is gone is read from the full one, as a log may remove it
 * once the full one is there (C2SP tlog-tiles, Partial Tiles).
 */
export const readerOf = (read: ReadPath): LogReader => ({
  checkpoint: () => read('checkpoint'),
  tile: async (tile) => {
    const exact = await read(tilePath(tile));
    if (exact !== undefined || tile.width === tileWidth) return exact;
    const full = await read(tilePath({ ...tile, width: tileWidth }));
    return full?.subarray(0, tile.width * hashSize);
  },
  bundle: async (bundle) => {
    const exact = await read(bundlePath(bundle));
    if (exact !== undefined || bundle.width === tileWidth) return exact;
    return firstEntries(await read(bundlePath({ ...bundle, width: tileWidth })), bundle.width);
  },
});
