import { concat } from '../../kernel/bytes.ts';
import { type ProvinceOf, selecting } from './belonging.ts';
import { exportCensuses } from './export-census.ts';
import { ExportImpossible, type ExportOrder } from './export-order.ts';
import {
  entriesHeader,
  exportBlock,
  exportOpening,
  exportTail,
  openTree,
  type Select,
} from './export-pieces.ts';
import { rangeBlocks } from './range-tiles.ts';
import { type RangeTree, rangeTree } from './range-tree.ts';
import { readAhead } from './read-ahead.ts';
import { maxOctal } from './tar-header.ts';

/** Keeps bytes aside until it is known how many they are: a tar says so before them. */
export type Spool = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Everything that was written, in its order. */
  readonly read: () => AsyncIterable<Uint8Array>;
};

export type ExportMaking = ExportOrder & {
  readonly spool: Spool;
  readonly progress?: (done: number, size: number) => void;
  /** For a filter or a scope that names a province; what lies nowhere has no row. */
  readonly provinceOf?: ProvinceOf;
};

const selectOf = ({ filtering, provinceOf = async () => undefined }: ExportMaking): Select =>
  filtering === undefined ? async () => true : selecting(filtering, provinceOf);

/** Writes the lines of all entries aside; how many bytes they are, and the lines of the censuses. */
const spoolEntries = async (making: ExportMaking, trees: readonly RangeTree[]) => {
  const { parts, filtering, spool, progress } = making;
  const select = selectOf(making);
  const total = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const censuses: Uint8Array[] = [];
  let done = 0;
  let size = 0;
  for (const [n, part] of parts.entries()) {
    const filled = filtering === undefined ? trees[n] : undefined;
    const tree = filled ?? (await openTree(part));
    const blocks = readAhead(rangeBlocks(part), (block) => exportBlock(part, tree, block, select));
    for await (const [{ count }, made] of blocks) {
      size += made.bytes.length;
      if (size > maxOctal) throw new ExportImpossible('too-large');
      await spool.write(made.bytes);
      if (filtering !== undefined) censuses.push(await exportCensuses(part, filtering, made));
      done += count;
      progress?.(done, total);
    }
  }
  return { size, census: concat(...censuses) };
};

/**
 * Makes an export in one go, the bytes of a tar: the same order gives the same bytes. Nothing is
 * exported that does not lead to the root of its checkpoint, whose signatures are not looked at. Throws
 * {@link ExportImpossible}, LogFileMissing for what the log lacks, a ZodError for an order that is
 * none, and whatever reading throws; what was given until then is no export.
 */
export const makeExport = async function* (
  making: ExportMaking,
): AsyncGenerator<Uint8Array, void, undefined> {
  const trees = making.parts.map((part) => rangeTree(part));
  yield* exportOpening(making, trees);
  const { size, census } = await spoolEntries(making, trees);
  yield entriesHeader(making, size, census);
  yield* making.spool.read();
  yield* exportTail(making, size);
};
