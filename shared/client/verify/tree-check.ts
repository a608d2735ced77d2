import { type Hash, hashSize } from '../../audit/tlog/hash.ts';
import {
  appendTo,
  emptyEdge,
  partialTiles,
  rootOf,
  type Tile,
  tileWidth,
} from '../../audit/tlog/tree.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import type { Finding } from './findings.ts';
import type { LogReader } from './log-reader.ts';
import type { Block } from './read-blocks.ts';

export type TreeCheck = {
  /** Appends the leaf hashes of the next block, and compares every tile that they finish. */
  readonly add: (block: Block, hashes: readonly Hash[]) => Promise<void>;
  /** Compares the tiles at the edge, and gives the root over everything. */
  readonly finish: () => Promise<Hash>;
  /** The roots at the sizes that were asked for. */
  readonly roots: ReadonlyMap<number, Hash>;
  /** Tiles compared so far. */
  readonly tiles: () => number;
};

type Found = (finding: Finding) => void;

const treeFault = (fault: string, index: number | undefined, detail: string): Finding => ({
  failure: 'tree',
  fault,
  index,
  detail,
});

const hashAt = (bytes: Uint8Array, n: number): Uint8Array =>
  bytes.subarray(n * hashSize, (n + 1) * hashSize);

/** Says which hashes of a tile are not the computed ones, by the first leaf below each. */
const compare = (computed: Tile, stands: Uint8Array | undefined, found: Found): void => {
  const { level, index, width, bytes } = computed;
  const span = tileWidth ** level;
  const first = index * tileWidth * span;
  if (stands === undefined) {
    return found(treeFault('tile-missing', first, `A tile of level ${level} is not there.`));
  }
  if (stands.length !== width * hashSize) {
    return found(treeFault('tile-length', first, `A tile of level ${level} has another length.`));
  }
  if (equalBytes(bytes, stands)) return;
  for (let n = 0; n < width; n += 1) {
    if (!equalBytes(hashAt(bytes, n), hashAt(stands, n))) {
      const what = level === 0 ? 'leaf-differs' : 'tile-differs';
      found(treeFault(what, first + n * span, `A hash of level ${level} is not the computed one.`));
    }
  }
};

/**
 * Computes the whole tree from its leaf hashes in constant memory, and compares every tile on the
 * way, full or partial, byte by byte with the one that was published (C2SP tlog-tiles).
 */
export const treeCheck = (
  reader: Pick<LogReader, 'tile'>,
  sizes: ReadonlySet<number>,
  found: Found,
): TreeCheck => {
  const roots = new Map<number, Hash>();
  const due: Tile[] = [];
  let leaves = 0;
  let tiles = 0;
  const { append, edge } = appendTo(emptyEdge, ({ bytes, ...tile }) => {
    due.push({ ...tile, bytes: bytes.slice() });
  });
  const keepRoot = (): void => {
    if (sizes.has(leaves)) roots.set(leaves, rootOf(edge()));
  };
  const compareAll = async (all: readonly Tile[], lowest: Uint8Array | undefined) => {
    for (const tile of all) {
      compare(tile, tile.level === 0 ? lowest : await reader.tile(tile), found);
      tiles += 1;
    }
  };
  let partial: Uint8Array | undefined;
  keepRoot();
  return {
    add: async ({ tile }, hashes) => {
      for (const hash of hashes) {
        append(hash);
        leaves += 1;
        keepRoot();
      }
      partial = tile;
      await compareAll(due.splice(0), tile);
    },
    finish: async () => {
      await compareAll(partialTiles(edge()), partial);
      return rootOf(edge());
    },
    roots,
    tiles: () => tiles,
  };
};
