import { type Hash, leafHash } from '../../audit/tlog/hash.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { Finding } from './findings.ts';
import { type RowsPart, rowFault, rowReader } from './row-reader.ts';

/** Entries of one bundle. */
export type RowsBlock = {
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  readonly hashes: readonly Hash[];
  /** The index of each, where they do not stand one behind the other. */
  readonly indexes?: readonly number[] | undefined;
};

export type ExportRows = {
  /** Takes the next line, without its newline. */
  readonly take: (line: Uint8Array) => Promise<void>;
  /** Says that there is no further one. */
  readonly finish: () => Promise<void>;
  /** Disclosures checked so far. */
  readonly disclosures: () => number;
};

/**
 * Judges the rows of an export in their order and in constant memory: every index of each range once,
 * every leaf the tree's, every view what its leaf says, every disclosure one that it holds the digest
 * of. `pass` is given what is consecutive, block by block.
 */
export const exportRows = <Part extends RowsPart>(
  parts: readonly Part[],
  found: (part: Part | undefined, finding: Finding) => void,
  pass: (part: Part, block: RowsBlock) => Promise<void>,
): ExportRows => {
  let position = 0;
  let expected = parts[0]?.range.from ?? 0;
  let open:
    | { readonly part: Part; readonly first: number; readonly entries: Uint8Array[] }
    | undefined;
  const reader = rowReader(parts, found);

  const compare = ({ tree }: Part, first: number, hashes: readonly Hash[]): readonly Finding[] => {
    const difference = tree.compare(first, hashes);
    switch (difference.kind) {
      case 'none':
      case 'unknown':
        return [];
      case 'leaves':
        return difference.indexes.map((index) =>
          rowFault('tree', 'leaf-differs', index, 'The entry is not the one in the tree.'),
        );
      case 'block':
        return [
          rowFault(
            'tree',
            'leaf-differs',
            first,
            `One of ${tileWidth} entries from here on, or more, is not the one in the tree.`,
          ),
        ];
    }
  };

  const close = async (): Promise<void> => {
    if (open === undefined) return;
    const { part, first, entries } = open;
    open = undefined;
    const hashes = entries.map(leafHash);
    for (const finding of compare(part, first, hashes)) found(part, finding);
    await pass(part, { first, entries, hashes });
  };

  const missing = (part: Part, to: number): void => {
    if (expected >= to) return;
    const many = to - expected;
    const detail = `${many} ${many === 1 ? 'entry is' : 'entries are'} missing from here on.`;
    found(part, rowFault('tree', 'row-missing', expected, detail));
  };

  /** Goes on to a later place; what lies between is missing. */
  const advance = async (to: number, index: number): Promise<void> => {
    if (to !== position || index !== expected) await close();
    while (position < to) {
      const part = parts[position];
      if (part !== undefined) missing(part, part.range.to);
      position += 1;
      expected = parts[position]?.range.from ?? 0;
    }
    const part = parts[position];
    if (part !== undefined) missing(part, index);
    expected = index;
  };

  const put = async (part: Part, index: number, data: Uint8Array): Promise<void> => {
    open ??= { part, first: index, entries: [] };
    open.entries.push(data);
    expected = index + 1;
    if (expected % tileWidth === 0 || expected === part.range.to) await close();
  };

  return {
    take: async (line) => {
      const row = reader.read(line, { at: position, index: expected });
      if (row === undefined) return;
      await advance(row.at, row.index);
      await put(row.part, row.index, row.data);
    },
    finish: async () => {
      const last = parts.at(-1);
      if (last !== undefined) await advance(parts.length - 1, last.range.to);
    },
    disclosures: reader.disclosures,
  };
};
