import { tileWidth, widthIn } from '../../audit/tlog/tree.ts';
import type { LogReader } from './log-reader.ts';

/** 256 leaves of a log, or fewer at its end: their hashes and, when asked for, the entries. */
export type Block = {
  /** The index of its first leaf. */
  readonly first: number;
  readonly width: number;
  /** The hash tile of level 0, as it was read. */
  readonly tile: Uint8Array | undefined;
  /** The entry bundle, as it was read; undefined too when entries are not asked for. */
  readonly bundle: Uint8Array | undefined;
};

/** Blocks that are read before they are asked for. */
const ahead = 4;

const readBlock = async (
  reader: LogReader,
  size: number,
  index: number,
  entries: boolean,
): Promise<Block> => {
  const width = widthIn(size, 0, index);
  const [tile, bundle] = await Promise.all([
    reader.tile({ level: 0, index, width }),
    entries ? reader.bundle({ index, width }) : undefined,
  ]);
  return { first: index * tileWidth, width, tile, bundle };
};

/** All blocks of a log of so many leaves in their order, a few of them read ahead. */
export const readBlocks = async function* (
  reader: LogReader,
  size: number,
  entries: boolean,
): AsyncGenerator<Block, void, undefined> {
  const count = Math.ceil(size / tileWidth);
  const reading: Promise<Block>[] = [];
  for (let index = 0; index < count + ahead; index += 1) {
    if (index < count) {
      const block = readBlock(reader, size, index, entries);
      // Whoever asks for it sees that it failed; nobody may ask any more.
      block.catch(() => undefined);
      reading.push(block);
    }
    const next = index >= ahead || index >= count ? reading.shift() : undefined;
    if (next !== undefined) yield await next;
  }
};
