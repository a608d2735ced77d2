import { readEntryLine } from '../../audit/export/entry-line.ts';
import type { Range } from '../../audit/export/manifest.ts';
import type { RangeTree } from '../../audit/export/range-tree.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { checkDisclosures } from './check-disclosures.ts';
import type { Finding } from './findings.ts';

/** What the rows of one log are compared with. */
export type RowsPart = { readonly range: Range; readonly tree: RangeTree };

/** Where a part is among the others, and which of its leaves comes next. */
export type RowPlace = { readonly at: number; readonly index: number };

export type ReadRow<Part> = RowPlace & {
  readonly part: Part;
  readonly data: Uint8Array;
  /** What the leaf says. */
  readonly view: JsonObject;
};

export type RowReader<Part> = {
  /** Reads a line without its newline, at the place or behind it; undefined when it has no place. */
  readonly read: (line: Uint8Array, next: RowPlace) => ReadRow<Part> | undefined;
  /** Disclosures checked so far. */
  readonly disclosures: () => number;
};

export const rowFault = (
  failure: Finding['failure'],
  fault: string,
  index: number | undefined,
  detail: string,
): Finding => ({ failure, fault, index, detail });

/** Reads rows, each judged by itself: its form, its place, its view and its disclosures. */
export const rowReader = <Part extends RowsPart>(
  parts: readonly Part[],
  found: (part: Part | undefined, finding: Finding) => void,
): RowReader<Part> => {
  let disclosures = 0;
  return {
    disclosures: () => disclosures,
    read: (line, next) => {
      const read = readEntryLine(line);
      if (read.kind === 'malformed') {
        const detail = 'A line is no entry of an export.';
        found(parts[next.at], rowFault('malformed', 'row-malformed', next.index, detail));
        return undefined;
      }
      const { shard, index, data, disclosures: opened } = read.entry;
      const at = parts.findIndex(({ range }) => range.shard === shard);
      const part = parts[at];
      if (part === undefined || index < part.range.from || index >= part.range.to) {
        const detail = 'An entry lies outside of what was asked for.';
        found(part, rowFault('tree', 'row-surplus', index, detail));
        return undefined;
      }
      if (at < next.at || (at === next.at && index < next.index)) {
        const detail = 'An entry stands twice, or behind later ones.';
        found(part, rowFault('tree', 'row-out-of-order', index, detail));
        return undefined;
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
      return { at, part, index, data, view: read.right };
    },
  };
};
