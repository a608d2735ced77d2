import { belonging } from '../../audit/export/belonging.ts';
import { censusIn } from '../../audit/export/export-census.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import { type Hash, leafHash } from '../../audit/tlog/hash.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { CensusRows } from './census-rows.ts';
import type { ExportRows, RowsBlock } from './export-rows.ts';
import type { Finding } from './findings.ts';
import { type ReadRow, type RowsPart, rowFault, rowReader } from './row-reader.ts';
import { type SparseRows, sparseRows } from './sparse-rows.ts';

/** What the rows of one log are compared with. */
export type FilteredPart = RowsPart & { readonly censuses: CensusRows };

export type FilteredRows<Part> = ExportRows & {
  /** Compares the rows of a part with a leaf tile; tells of every leaf of its range in it without a row. */
  readonly compare: (
    part: Part,
    tile: number,
    bytes: Uint8Array,
    unshown: (index: number, hash: Hash) => void,
  ) => void;
  /** Rows of which it cannot be told whether they belong here: a province decides. */
  readonly untold: () => number;
};

type Open<Part> = {
  readonly part: Part;
  readonly tile: number;
  readonly indexes: number[];
  readonly entries: Uint8Array[];
};

/**
 * Judges the rows of a filtered export in their order: each of a leaf that the filter names, strictly
 * ascending, with the view that its leaf has. `pass` is given the rows of one tile at a time. Whether they
 * are the tree's is told once the leaf tiles come.
 */
export const filteredRows = <Part extends FilteredPart>(
  parts: readonly Part[],
  filtering: Filtering,
  found: (part: Part | undefined, finding: Finding) => void,
  pass: (part: Part, block: RowsBlock) => Promise<void>,
): FilteredRows<Part> => {
  const reader = rowReader(parts, found);
  const sparse = new Map<Part, SparseRows>(parts.map((part) => [part, sparseRows()]));
  let next = { at: 0, index: parts[0]?.range.from ?? 0 };
  let open: Open<Part> | undefined;
  let untold = 0;
  const begun = new Set<Part>();

  const close = async (): Promise<void> => {
    if (open === undefined) return;
    const { part, tile, indexes, entries } = open;
    open = undefined;
    const hashes = entries.map(leafHash);
    sparse.get(part)?.add(tile, indexes, hashes);
    await pass(part, { first: indexes[0] ?? 0, entries, hashes, indexes });
  };

  const judge = ({ part, index, data, view }: ReadRow<Part>, follows: boolean): void => {
    if (index === 0) begun.add(part);
    const belongs = belonging(filtering, view, undefined);
    if (belongs === 'untold') untold += 1;
    if (belongs === 'none' || (belongs === 'behind' && !follows)) {
      const detail = 'The filter does not name this entry.';
      found(part, rowFault('tree', 'row-surplus', index, detail));
    }
    part.censuses.take(index, view);
    if (view['kind'] !== 'census') return;
    const census = censusIn(part.range.shard, data);
    if (census !== undefined && census.to <= index) part.censuses.census(index, census);
  };

  return {
    take: async (line) => {
      const row = reader.read(line, next);
      if (row === undefined) return;
      const { at, part, index, data } = row;
      const follows = at === next.at && index === next.index && index > part.range.from;
      next = { at, index: index + 1 };
      const tile = Math.floor(index / tileWidth);
      if (open?.part !== part || open.tile !== tile) await close();
      judge(row, follows);
      open ??= { part, tile, indexes: [], entries: [] };
      open.indexes.push(index);
      open.entries.push(data);
    },
    finish: async () => {
      await close();
      for (const part of parts) {
        if (part.range.from > 0 || begun.has(part)) continue;
        const detail = 'A log begins with its settings, and their row is missing.';
        found(part, rowFault('tree', 'row-missing', 0, detail));
      }
    },
    disclosures: reader.disclosures,
    untold: () => untold,
    compare: (part, tile, bytes, unshown) => {
      const { from, to } = part.range;
      const within = (index: number, hash: Hash): void => {
        if (index >= from && index < to) unshown(index, hash);
      };
      for (const finding of sparse.get(part)?.compare(tile, bytes, within) ?? []) {
        found(part, finding);
      }
    },
  };
};
