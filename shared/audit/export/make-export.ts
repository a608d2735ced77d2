import { concat } from '../../kernel/bytes.ts';
import { type LogFiles, logKey, readBundle, readTile } from '../sequence/log-files.ts';
import { type Hash, leafHash } from '../tlog/hash.ts';
import { tilePath } from '../tlog/tile-path.ts';
import { tileWidth, widthIn } from '../tlog/tree.ts';
import { cutTime } from './cut-time.ts';
import { formatEntryLine } from './entry-line.ts';
import {
  checkpointMember,
  exportVersion,
  formatManifest,
  Manifest,
  memberNames,
  mtimeOf,
} from './manifest.ts';
import { type RangeBlock, rangeBlocks, rangeTiles, type TreeRange } from './range-tiles.ts';
import { type RangeTree, rangeTree } from './range-tree.ts';
import { readAhead } from './read-ahead.ts';
import { maxOctal } from './tar-header.ts';
import { tarEnd, tarFile, tarStream } from './write-tar.ts';

/** A range of one log, and the signed checkpoint whose tree it is of. */
export type ExportPart = TreeRange & {
  readonly shard: number;
  readonly root: Hash;
  /** The checkpoint with its signatures, verbatim. */
  readonly checkpoint: Uint8Array;
  readonly files: LogFiles;
};

/** Keeps bytes aside until it is known how many they are: a tar says so before them. */
export type Spool = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Everything that was written, in its order. */
  readonly read: () => AsyncIterable<Uint8Array>;
};

export type ExportOrder = {
  /** By ascending shards, one each. */
  readonly parts: readonly ExportPart[];
  /** A policy to go with it, for information. */
  readonly policy?: Uint8Array | undefined;
  readonly spool: Spool;
  readonly progress?: (done: number, size: number) => void;
};

export const exportHindrances = {
  'tile-differs': 'A tile of the log is not that of the tree which its checkpoint signs.',
  'entry-differs': 'An entry of the log is not the one that its tile says.',
  'too-large': 'The entries are 8 GiB or more: export a smaller range.',
} as const;
export type ExportHindrance = keyof typeof exportHindrances;

/** Why no export can be made of a log that could be read. */
export class ExportImpossible extends Error {
  override readonly name = 'ExportImpossible';
  readonly reason: ExportHindrance;

  constructor(reason: ExportHindrance) {
    super(exportHindrances[reason]);
    this.reason = reason;
  }
}

const manifestOf = ({ parts, policy }: ExportOrder): Manifest =>
  Manifest.parse({
    v: exportVersion,
    query: { kind: 'range', ranges: parts.map(({ shard, from, to }) => ({ shard, from, to })) },
    cut: parts.map(({ shard, size, checkpoint }) => {
      const time = cutTime(checkpoint);
      return { shard, size, ...(time !== undefined && { time }) };
    }),
    checkpoints: parts.map(({ shard }) => checkpointMember(shard)),
    ...(policy !== undefined && { policy: memberNames.policy }),
  });

/** The checkpoint and the tiles of one log. */
const treeMembers = async function* (
  part: ExportPart,
  tree: RangeTree,
  mtime: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { shard, checkpoint, files } = part;
  yield tarFile(checkpointMember(shard), checkpoint, mtime);
  const tiles = readAhead(rangeTiles(part), (tile) => readTile(files, tile));
  for await (const [tile, bytes] of tiles) {
    if (!tree.take(tile, bytes)) throw new ExportImpossible('tile-differs');
    yield tarFile(logKey(shard, tilePath(tile)), bytes, mtime);
  }
};

const readBlock = async (
  { files, size }: ExportPart,
  { first, count }: RangeBlock,
): Promise<readonly Uint8Array[]> => {
  const index = Math.floor(first / tileWidth);
  const entries = await readBundle(files, index, widthIn(size, 0, index));
  const position = first % tileWidth;
  return entries.slice(position, position + count);
};

/** Writes the lines of one log's entries aside; how many bytes they are. */
const spoolEntries = async (
  part: ExportPart,
  tree: RangeTree,
  spool: Spool,
  done: (entries: number) => void,
): Promise<number> => {
  const { shard } = part;
  let size = 0;
  const blocks = readAhead(rangeBlocks(part), (block) => readBlock(part, block));
  for await (const [{ first, count }, entries] of blocks) {
    if (tree.compare(first, entries.map(leafHash)).kind !== 'none') {
      throw new ExportImpossible('entry-differs');
    }
    const lines = entries.map((data, n) => formatEntryLine({ shard, index: first + n, data }));
    const bytes = concat(...lines);
    size += bytes.length;
    await spool.write(bytes);
    done(count);
  }
  return size;
};

/**
 * Makes an export, the bytes of a tar: the same ranges under the same checkpoints give the same
 * bytes. Nothing is exported that does not lead to the root of its checkpoint, whose signatures are
 * not looked at. Throws {@link ExportImpossible}, LogFileMissing for what the log lacks, a ZodError
 * for ranges that are none, and whatever reading throws; what was given until then is no export.
 */
export const makeExport = async function* (
  order: ExportOrder,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { parts, policy, spool, progress = () => undefined } = order;
  const manifest = manifestOf(order);
  const mtime = mtimeOf(manifest);
  yield tarFile(memberNames.manifest, formatManifest(manifest), mtime);
  if (policy !== undefined) yield tarFile(memberNames.policy, policy, mtime);
  const trees = parts.map((part) => [part, rangeTree(part)] as const);
  for (const [part, tree] of trees) yield* treeMembers(part, tree, mtime);
  const total = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  let done = 0;
  let size = 0;
  for (const [part, tree] of trees) {
    size += await spoolEntries(part, tree, spool, (entries) => {
      done += entries;
      progress(done, total);
    });
    if (size > maxOctal) throw new ExportImpossible('too-large');
  }
  yield* tarStream({ name: memberNames.entries, size, mtime }, spool.read());
  yield tarEnd;
};
