import { ExportImpossible, type ExportOrder } from './export-order.ts';
import { entriesHeader, exportBlock, exportOpening, exportTail } from './export-pieces.ts';
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
};

/** Writes the lines of all entries aside; how many bytes they are. */
const spoolEntries = async (
  { parts, spool, progress }: ExportMaking,
  trees: readonly RangeTree[],
): Promise<number> => {
  const total = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  let done = 0;
  let size = 0;
  for (const [n, part] of parts.entries()) {
    const tree = trees[n] ?? rangeTree(part);
    const blocks = readAhead(rangeBlocks(part), (block) => exportBlock(part, tree, block));
    for await (const [{ count }, { bytes }] of blocks) {
      size += bytes.length;
      if (size > maxOctal) throw new ExportImpossible('too-large');
      await spool.write(bytes);
      done += count;
      progress?.(done, total);
    }
  }
  return size;
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
  const size = await spoolEntries(making, trees);
  yield entriesHeader(making, size);
  yield* making.spool.read();
  yield* exportTail(making, size);
};
