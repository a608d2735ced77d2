import { equalBytes } from '../../kernel/bytes.ts';
import { parseBundle } from '../tlog/bundle.ts';
import { type Hash, leafHash } from '../tlog/hash.ts';
import { parsePath, tilePath } from '../tlog/tile-path.ts';
import {
  appendTo,
  type Edge,
  edgeTiles,
  partialTiles,
  rootOf,
  type Tile,
  tileWidth,
} from '../tlog/tree.ts';
import { bundleFile, type LogFiles, matchesTile, readBundle, readTile } from './log-files.ts';
import { LogStopped } from './log-stopped.ts';

/** A file of the log, by its path in C2SP tlog-tiles. */
export type LogFile = { readonly path: string; readonly bytes: Uint8Array };

/** The end of the log in memory: what is needed to append. */
export type Tail = {
  readonly edge: Edge;
  /** The entries of the last bundle when it is not full. */
  readonly entries: readonly Uint8Array[];
};

/** The log with a batch more: what its head will say, and the files that make it true. */
export type Batch = {
  readonly tail: Tail;
  readonly size: number;
  readonly root: Hash;
  /** Bundles before tiles, so that no tile names an entry that is not there. */
  readonly files: readonly LogFile[];
};

/** Reads the end of the log and judges it: by the root that the head says, and entries by their hashes. */
export const readTail = async (
  files: LogFiles,
  shard: number,
  head: { readonly size: number; readonly root: Hash },
): Promise<Tail> => {
  const tiles = await Promise.all(
    edgeTiles(head.size).map(async (tile) => ({ ...tile, bytes: await readTile(files, tile) })),
  );
  const height = tiles.reduce((most, { level }) => Math.max(most, level + 1), 0);
  const levels = Array.from(
    { length: height },
    (_, level) => tiles.find((tile) => tile.level === level)?.bytes ?? new Uint8Array(),
  );
  const edge = { size: head.size, levels };
  if (!equalBytes(rootOf(edge), head.root)) throw new LogStopped('edge-damaged', shard);
  const width = head.size % tileWidth;
  if (width === 0) return { edge, entries: [] };
  const entries = await readBundle(files, Math.floor(head.size / tileWidth), width);
  if (!matchesTile(entries, levels[0] ?? new Uint8Array())) {
    throw new LogStopped('edge-damaged', shard);
  }
  return { edge, entries };
};

const tileFile = (tile: Tile): LogFile => ({ path: tilePath(tile), bytes: tile.bytes.slice() });

/** Cuts the entries of the last bundle and the new ones into bundles. */
const bundlesOf = (
  { edge, entries }: Tail,
  added: readonly Uint8Array[],
): readonly { readonly index: number; readonly entries: readonly Uint8Array[] }[] => {
  const all = [...entries, ...added];
  const first = Math.floor(edge.size / tileWidth);
  return Array.from({ length: Math.ceil(all.length / tileWidth) }, (_, n) => ({
    index: first + n,
    entries: all.slice(n * tileWidth, (n + 1) * tileWidth),
  }));
};

/**
 * Every leaf hash a second time, from the bundles as they will be stored: one flipped bit ended the
 * Certificate Transparency log Yeti 2022.
 */
export const bundlesMatch = (files: readonly LogFile[]): boolean => {
  const tiles = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return files.every(({ path, bytes }) => {
    const resource = parsePath(path);
    if (resource?.kind !== 'bundle') return true;
    const entries = parseBundle(bytes, resource.width);
    const tile = tiles.get(tilePath({ ...resource, level: 0 }));
    return entries !== undefined && tile !== undefined && matchesTile(entries, tile);
  });
};

/** Appends leaves: pure, and the same for everybody who appends the same ones. */
export const buildBatch = (shard: number, tail: Tail, added: readonly Uint8Array[]): Batch => {
  const tiles: LogFile[] = [];
  const { append, edge } = appendTo(tail.edge, (tile) => tiles.push(tileFile(tile)));
  for (const data of added) append(leafHash(data));
  const after = edge();
  const before = new Set(partialTiles(tail.edge).map(tilePath));
  const partial = partialTiles(after).filter((tile) => !before.has(tilePath(tile)));
  const bundles = bundlesOf(tail, added);
  const files = [
    ...bundles.map(({ index, entries }) => bundleFile(index, entries)),
    ...tiles,
    ...partial.map(tileFile),
  ];
  if (!bundlesMatch(files)) throw new LogStopped('hash-differs', shard);
  const last = bundles.at(-1)?.entries ?? [];
  return {
    tail: { edge: after, entries: last.length === tileWidth ? [] : last },
    size: after.size,
    root: rootOf(after),
    files,
  };
};
