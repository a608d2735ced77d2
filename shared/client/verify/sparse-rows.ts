import { type Hash, hashSize } from '../../audit/tlog/hash.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { concat, equalBytes, sha256 } from '../../kernel/bytes.ts';
import type { Finding } from './findings.ts';
import { rowFault } from './row-reader.ts';

/** The rows of one tile: which of its leaves they are, and what their hashes are in all. */
type Kept = {
  readonly positions: Uint8Array;
  readonly digest: Uint8Array;
  /** Each hash, as long as there is room: then it can be said which row differs. */
  readonly hashes: readonly Hash[] | undefined;
};

/** Compares scattered rows with leaf tiles that come behind them. */
export type SparseRows = {
  /** Takes the rows of one tile, by ascending indexes. */
  readonly add: (tile: number, indexes: readonly number[], hashes: readonly Hash[]) => void;
  /** Compares them with their tile, and tells of every leaf in it that has no row. */
  readonly compare: (
    tile: number,
    bytes: Uint8Array,
    unshown: (index: number, hash: Hash) => void,
  ) => readonly Finding[];
};

/** Rows whose hashes are kept one by one: 8 MiB of them. */
const maxKept = 262_144;

const hashAt = (bytes: Uint8Array, position: number): Hash =>
  bytes.subarray(position * hashSize, (position + 1) * hashSize);

/** Keeps some hundred bytes for each tile that has a row, and 32 for each row while there is room. */
export const sparseRows = (most: number = maxKept): SparseRows => {
  const kept = new Map<number, Kept>();
  let many = 0;
  return {
    add: (tile, indexes, hashes) => {
      many += hashes.length;
      kept.set(tile, {
        positions: Uint8Array.from(indexes, (index) => index % tileWidth),
        digest: sha256(concat(...hashes)),
        hashes: many <= most ? hashes : undefined,
      });
    },
    compare: (tile, bytes, unshown) => {
      const own = kept.get(tile);
      const first = tile * tileWidth;
      const shown = new Set(own?.positions);
      for (let position = 0; position < bytes.length / hashSize; position += 1) {
        if (!shown.has(position)) unshown(first + position, hashAt(bytes, position));
      }
      if (own === undefined) return [];
      kept.delete(tile);
      const positions = [...own.positions];
      const right = positions.map((position) => hashAt(bytes, position));
      if (equalBytes(sha256(concat(...right)), own.digest)) return [];
      const { hashes } = own;
      if (hashes === undefined) {
        const detail = `One of ${positions.length} entries from here on, or more, is not the one in the tree.`;
        return [rowFault('tree', 'leaf-differs', first + (positions[0] ?? 0), detail)];
      }
      return positions.flatMap((position, n) => {
        const [hash, stands] = [hashes[n], right[n]];
        const isSame = hash !== undefined && stands !== undefined && equalBytes(hash, stands);
        const detail = 'The entry is not the one in the tree.';
        return isSame ? [] : [rowFault('tree', 'leaf-differs', first + position, detail)];
      });
    },
  };
};
