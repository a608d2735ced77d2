/**
 * An export in pieces, for whoever cannot make it in one go. The bytes are those of
 *
 *   exportHead(order, size, census) · the lines of every block, in order · exportTail(order, size)
 *
 * where `size` is how many bytes the lines are in all: a tar says so before them, so the lines are made
 * first and kept aside. So are the lines of `census`, which only a filtered export has. Each piece is a
 * pure function of the order and the log, whose files never change: a piece that broke off is made
 * again, with the same bytes. A job therefore needs to remember no more than its order, which block
 * comes next, and how many bytes the lines have by now:
 *
 *   for (const part of order.parts)
 *     for (const block of rangeBlocks({ from: next, to: part.to }))
 *       made = exportBlock(part, tree, block, select)      → made.bytes: lines of entries
 *       exportCensuses(part, filtering, made)               → lines of censuses, if filtered
 *
 * A block ends where a bundle does, so blocks may be cut off after any of them and taken up from the
 * next one's first leaf. The `tree` of `openTree` is for the blocks of one step: opening it reads the
 * tiles that lead from them to the root. `select` is that of belonging.ts.
 *
 * In a filtered export the leaf tiles stand behind the entries: whoever verifies it can then compare
 * scattered rows with them in memory that hardly grows, and a receipt whose row was left out is found.
 */
import { concat, utf8All } from '../../kernel/bytes.ts';
import { logKey, readBundle, readTile } from '../sequence/log-files.ts';
import { leafHash } from '../tlog/hash.ts';
import { tilePath } from '../tlog/tile-path.ts';
import { type TileId, tileWidth, widthIn } from '../tlog/tree.ts';
import { type Disclosed, formatEntryLine } from './entry-line.ts';
import { ExportImpossible, type ExportOrder, type ExportPart, manifestOf } from './export-order.ts';
import { checkpointMember, formatManifest, maxCensuses, memberNames, mtimeOf } from './manifest.ts';
import { isLeafTile, type RangeBlock, rangeTiles, type TreeRange } from './range-tiles.ts';
import { type RangeTree, rangeTree } from './range-tree.ts';
import { readAhead } from './read-ahead.ts';
import { formatHeader, maxOctal } from './tar-header.ts';
import { paddingOf, tarEnd, tarFile } from './write-tar.ts';

/** Whether the row of a leaf belongs into an export; `before` reads the leaf before it in the range. */
export type Select = (
  index: number,
  data: Uint8Array,
  before: () => Promise<Uint8Array | undefined>,
) => Promise<boolean>;

/** The facts that are opened in a row; undefined for none. */
export type Disclose = (index: number, data: Uint8Array) => Disclosed | undefined;

export type ExportedBlock = {
  /** The index of its first leaf. */
  readonly first: number;
  /** The lines of the rows. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** All leaves of the block, the ones too that have no row. */
  readonly leaves: readonly Uint8Array[];
};

const readTiles = ({ files }: ExportPart, tiles: Iterable<TileId>) =>
  readAhead(tiles, (tile) => readTile(files, tile));

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
  const tiles = rangeTiles({ size, from, to });
  for await (const [tile, bytes] of readTiles(part, tiles)) take(tree, tile, bytes);
  return tree;
};

/** The leaves of a block. */
export const readBlock = async (
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
  select: Select = async () => true,
  disclose: Disclose = () => undefined,
): Promise<ExportedBlock> => {
  const { first } = block;
  const leaves = await readBlock(part, block);
  if (tree.compare(first, leaves.map(leafHash)).kind !== 'none') {
    throw new ExportImpossible('entry-differs');
  }
  const before = async (n: number): Promise<Uint8Array | undefined> =>
    n > 0 || first === part.from
      ? leaves[n - 1]
      : (await readBlock(part, { first: first - 1, count: 1 }))[0];
  const lines: string[] = [];
  for (const [n, data] of leaves.entries()) {
    const index = first + n;
    if (!(await select(index, data, () => before(n)))) continue;
    const disclosures = disclose(index, data);
    lines.push(formatEntryLine({ shard: part.shard, index, data, disclosures }));
  }
  return { first, bytes: utf8All(lines), rows: lines.length, leaves };
};

/** Which tiles of a part: all of them, those above its leaf tiles, or its leaf tiles alone. */
type Which = 'all' | 'above' | 'leaves';

const tileMembers = async function* (
  part: ExportPart,
  tree: RangeTree,
  which: Which,
  mtime: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tiles = [...rangeTiles(part)].filter((tile) => which !== 'above' || !isLeafTile(tile));
  for await (const [tile, bytes] of readTiles(part, tiles)) {
    take(tree, tile, bytes);
    if (which === 'leaves' && !isLeafTile(tile)) continue;
    yield tarFile(logKey(part.shard, tilePath(tile)), bytes, mtime);
  }
};

/**
 * What stands before the entries and does not hang on them: manifest, policy, checkpoints and tiles.
 * Where the order has no filter, `trees`, one for each part, have taken all their tiles by the end.
 */
export const exportOpening = async function* (
  order: ExportOrder,
  trees: readonly RangeTree[] = [],
): AsyncGenerator<Uint8Array, void, undefined> {
  const { parts, policy, filtering } = order;
  const manifest = manifestOf(order);
  const mtime = mtimeOf(manifest);
  yield tarFile(memberNames.manifest, formatManifest(manifest), mtime);
  if (policy !== undefined) yield tarFile(memberNames.policy, policy, mtime);
  for (const [n, part] of parts.entries()) {
    yield tarFile(checkpointMember(part.shard), part.checkpoint, mtime);
    const which = filtering === undefined ? 'all' : 'above';
    yield* tileMembers(part, trees[n] ?? rangeTree(part), which, mtime);
  }
};

/** What stands between the opening and the lines, which are `size` bytes; the censuses, if filtered. */
export const entriesHeader = (
  order: ExportOrder,
  size: number,
  census: Uint8Array = new Uint8Array(),
): Uint8Array => {
  if (size > maxOctal || census.length > maxCensuses) throw new ExportImpossible('too-large');
  const mtime = mtimeOf(manifestOf(order));
  const header = formatHeader({ name: memberNames.entries, size, mtime });
  if (order.filtering === undefined) return header;
  return concat(tarFile(memberNames.census, census, mtime), header);
};

/**
 * The bytes before the lines, which are `size` in all; with `census`, what exportCensuses gave
 * for the blocks in their order. Throws a ZodError for an order that is none, {@link ExportImpossible}
 * and LogFileMissing.
 */
export const exportHead = async function* (
  order: ExportOrder,
  size: number,
  census?: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* exportOpening(order);
  yield entriesHeader(order, size, census);
};

/** The bytes behind the lines, which are `size` in all; the leaf tiles, if filtered. */
export const exportTail = async function* (
  order: ExportOrder,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield paddingOf(size);
  if (order.filtering !== undefined) {
    const mtime = mtimeOf(manifestOf(order));
    for (const part of order.parts) yield* tileMembers(part, rangeTree(part), 'leaves', mtime);
  }
  yield tarEnd;
};
