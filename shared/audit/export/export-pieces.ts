/**
 * An export in pieces, for whoever cannot make it in one go. The bytes are those of
 *
 *   exportHead(order, size) · the lines of every block, in order · exportTail(order, size)
 *
 * where `size` is how many bytes the lines are in all: a tar says so before them, so the lines are made
 * first and kept aside. Each piece is a pure function of the order and the log, whose files never
 * change: a piece that broke off is made again, with the same bytes. A job therefore needs to remember
 * no more than its order, which block comes next, and how many bytes and rows the lines have by now:
 *
 *   for (const part of order.parts)
 *     for (const block of rangeBlocks({ from: next, to: part.to }))
 *       exportBlock(part, await openTree(part, …), block, select)
 *
 * A block ends where a bundle does, so blocks may be cut off after any of them and taken up from the
 * next one's first leaf. A tree is opened for the blocks of one step; opening it reads the tiles that
 * lead from them to the root.
 */
import { concat } from '../../kernel/bytes.ts';
import { logKey, readBundle, readTile } from '../sequence/log-files.ts';
import { leafHash } from '../tlog/hash.ts';
import { tilePath } from '../tlog/tile-path.ts';
import { type TileId, tileWidth, widthIn } from '../tlog/tree.ts';
import { formatEntryLine } from './entry-line.ts';
import { ExportImpossible, type ExportOrder, type ExportPart, manifestOf } from './export-order.ts';
import { checkpointMember, formatManifest, memberNames, mtimeOf } from './manifest.ts';
import { type RangeBlock, rangeTiles, type TreeRange } from './range-tiles.ts';
import { type RangeTree, rangeTree } from './range-tree.ts';
import { readAhead } from './read-ahead.ts';
import { formatHeader, maxOctal } from './tar-header.ts';
import { paddingOf, tarEnd, tarFile } from './write-tar.ts';

/** Whether the row of a leaf belongs into an export. */
export type Select = (index: number, data: Uint8Array) => boolean | Promise<boolean>;

export type ExportedBlock = {
  /** The lines of the rows. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** All leaves of the block, the ones too that have no row. */
  readonly leaves: readonly Uint8Array[];
};

const readTiles = (part: ExportPart, range: TreeRange) =>
  readAhead(rangeTiles(range), (tile) => readTile(part.files, tile));

const take = (tree: RangeTree, tile: TileId, bytes: Uint8Array): void => {
  if (!tree.take(tile, bytes)) throw new ExportImpossible('tile-differs');
};

/**
 * The tree to compare a part's blocks with, or those that lie from `from` up to and without `to`.
 * Throws {@link ExportImpossible}, and LogFileMissing for tiles that the log lacks.
 */
export const openTree = async (
  part: ExportPart,
  { from, to }: Pick<TreeRange, 'from' | 'to'> = part,
): Promise<RangeTree> => {
  const { size, root } = part;
  const tree = rangeTree({ size, from, to, root });
  for await (const [tile, bytes] of readTiles(part, { size, from, to })) take(tree, tile, bytes);
  return tree;
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

/**
 * The lines of one block: of all its leaves, or of those that are selected. Every leaf is compared
 * with the tree, the ones too that have no row. Throws {@link ExportImpossible} and LogFileMissing.
 */
export const exportBlock = async (
  part: ExportPart,
  tree: Pick<RangeTree, 'compare'>,
  block: RangeBlock,
  select: Select = () => true,
): Promise<ExportedBlock> => {
  const { first } = block;
  const leaves = await readBlock(part, block);
  if (tree.compare(first, leaves.map(leafHash)).kind !== 'none') {
    throw new ExportImpossible('entry-differs');
  }
  const lines: Uint8Array[] = [];
  for (const [n, data] of leaves.entries()) {
    const index = first + n;
    if (await select(index, data)) lines.push(formatEntryLine({ shard: part.shard, index, data }));
  }
  return { bytes: concat(...lines), rows: lines.length, leaves };
};

/**
 * What stands before the entries and does not hang on them: manifest, policy, checkpoints and tiles.
 * `trees`, one for each part, have taken their tiles once it is through.
 */
export const exportOpening = async function* (
  order: ExportOrder,
  trees: readonly RangeTree[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const { parts, policy } = order;
  const manifest = manifestOf(order);
  const mtime = mtimeOf(manifest);
  yield tarFile(memberNames.manifest, formatManifest(manifest), mtime);
  if (policy !== undefined) yield tarFile(memberNames.policy, policy, mtime);
  for (const [n, part] of parts.entries()) {
    const { shard, checkpoint } = part;
    yield tarFile(checkpointMember(shard), checkpoint, mtime);
    const tree = trees[n] ?? rangeTree(part);
    for await (const [tile, bytes] of readTiles(part, part)) {
      take(tree, tile, bytes);
      yield tarFile(logKey(shard, tilePath(tile)), bytes, mtime);
    }
  }
};

/** What says how long the lines are that follow. */
export const entriesHeader = (order: ExportOrder, size: number): Uint8Array => {
  if (size > maxOctal) throw new ExportImpossible('too-large');
  return formatHeader({ name: memberNames.entries, size, mtime: mtimeOf(manifestOf(order)) });
};

/**
 * The bytes before the lines, which are `size` in all. Throws a ZodError for an order that is none,
 * {@link ExportImpossible} and LogFileMissing.
 */
export const exportHead = async function* (
  order: ExportOrder,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* exportOpening(
    order,
    order.parts.map((part) => rangeTree(part)),
  );
  yield entriesHeader(order, size);
};

/** The bytes behind the lines, which are `size` in all. */
export const exportTail = async function* (
  _order: ExportOrder,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield concat(paddingOf(size), tarEnd);
};
