import { readEntryLine } from '../../audit/export/entry-line.ts';
import type { Range } from '../../audit/export/manifest.ts';
import type { RangeTree } from '../../audit/export/range-tree.ts';
import { type Hash, leafHash } from '../../audit/tlog/hash.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { checkDisclosures } from './check-disclosures.ts';
import type { Finding } from './findings.ts';

/** What the rows of one log are compared with. */
export type RowsPart = { readonly range: Range; readonly tree: RangeTree };

/** Consecutive entries of one bundle. */
export type RowsBlock = {
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  readonly hashes: readonly Hash[];
};

export type ExportRows = {
  /** Takes the next line, without its newline. */
  readonly take: (line: Uint8Array) => Promise<void>;
  /** Says that there is no further one. */
  readonly finish: () => Promise<void>;
  /** Disclosures checked so far. */
  readonly disclosures: () => number;
};

const rowFault = (
  failure: Finding['failure'],
  fault: string,
  index: number | undefined,
  detail: string,
): Finding => ({ failure, fault, index, detail });

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
  let disclosures = 0;

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

  const isBehind = (at: number, index: number): boolean =>
    at < position || (at === position && index < expected);

  const put = async (part: Part, index: number, data: Uint8Array): Promise<void> => {
    open ??= { part, first: index, entries: [] };
    open.entries.push(data);
    expected = index + 1;
    if (expected % tileWidth === 0 || expected === part.range.to) await close();
  };

  return {
    take: async (line) => {
      const read = readEntryLine(line);
      if (read.kind === 'malformed') {
        const detail = 'A line is no entry of an export.';
        return found(parts[position], rowFault('malformed', 'row-malformed', expected, detail));
      }
      const { shard, index, data, disclosures: opened } = read.entry;
      const at = parts.findIndex(({ range }) => range.shard === shard);
      const part = parts[at];
      if (part === undefined || index < part.range.from || index >= part.range.to) {
        const detail = 'An entry lies outside of what was asked for.';
        return found(part, rowFault('tree', 'row-surplus', index, detail));
      }
      if (isBehind(at, index)) {
        const detail = 'An entry stands twice, or behind later ones.';
        return found(part, rowFault('tree', 'row-out-of-order', index, detail));
      }
      if (read.wrong === 'view') {
        const detail = 'The decoded view is not what the leaf says.';
        found(part, rowFault('tree', 'view-differs', index, detail));
      }
      if (read.wrong === 'spelling') {
        const detail = 'The line is not spelt as an export has it (RFC 8785).';
        found(part, rowFault('malformed', 'row-malformed', index, detail));
      }
      if (opened !== undefined) {
        disclosures += opened.request.length + opened.response.length;
        for (const { fault, detail } of checkDisclosures(data, opened)) {
          found(part, rowFault('message', fault, index, detail));
        }
      }
      await advance(at, index);
      await put(part, index, data);
    },
    finish: async () => {
      const last = parts.at(-1);
      if (last !== undefined) await advance(parts.length - 1, last.range.to);
    },
    disclosures: () => disclosures,
  };
};
