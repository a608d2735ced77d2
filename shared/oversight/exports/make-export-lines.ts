import { exportCensuses } from '../../audit/export/export-census.ts';
import { ExportImpossible, type ExportOrder } from '../../audit/export/export-order.ts';
import {
  type Disclose,
  exportBlock,
  openTree,
  type Select,
} from '../../audit/export/export-pieces.ts';
import { rangeBlocks } from '../../audit/export/range-tiles.ts';
import { readAhead } from '../../audit/export/read-ahead.ts';
import { maxOctal } from '../../audit/export/tar-header.ts';
import { leafStamp } from '../../audit/sequence/search.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { concat } from '../../kernel/bytes.ts';
import type { Opened } from './export-plan.ts';
import type { ExportState } from './export-state.ts';
import type { WriteParts } from './write-parts.ts';

/** How the rows of an export come about. */
export type LineMaking = {
  readonly order: ExportOrder;
  readonly select: Select;
  readonly opened: readonly Opened[];
  readonly write: WriteParts;
  /** Bundles whose entries are taken. */
  readonly bundles: number;
};

/** Shows facts in the rows of the inquiries that they were opened of. */
const disclosing = (opened: readonly Opened[]): Disclose => {
  const texts = new Map<string, Opened['texts']>(
    opened.map((one) => [one.inquiry, one.texts] as const),
  );
  if (texts.size === 0) return () => undefined;
  return (_, data) => {
    const { kind, id } = leafStamp(data);
    return kind === 'i' ? texts.get(id) : undefined;
  };
};

const one = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
};

/**
 * The rows of the next bundles of a range, and the censuses among them: the same state makes the same
 * parts. Throws ExportImpossible, LogFileMissing and what writing throws.
 */
export const makeLines = async (
  { order, opened, select, write, bundles }: LineMaking,
  state: ExportState,
): Promise<Partial<ExportState>> => {
  const { at, parts } = state;
  const part = order.parts[at.range];
  if (part === undefined) return { step: 'frame' };
  const from = at.leaf;
  const to = Math.min(part.to, (Math.floor(from / tileWidth) + bundles) * tileWidth);
  const tree = await openTree(part, { from, to });
  const disclose = disclosing(opened);
  const censuses: Uint8Array[] = [];
  let rows = state.rows;
  let size = state.lines;

  const pieces = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const blocks = readAhead(rangeBlocks({ from, to }), (block) =>
      exportBlock(part, tree, block, select, disclose),
    );
    for await (const [, made] of blocks) {
      rows += made.rows;
      size += made.bytes.length;
      if (size > maxOctal) throw new ExportImpossible('too-large');
      if (order.filtering !== undefined) {
        censuses.push(await exportCensuses(part, order.filtering, made));
      }
      yield made.bytes;
    }
  };

  const lines = await write('lines', parts.lines, state.sums.lines, pieces());
  const census = concat(...censuses);
  const told = await write('census', parts.census, '', one(census));
  const following = order.parts[at.range + 1];
  return {
    done: state.done + to - from,
    at: to < part.to ? { ...at, leaf: to } : { range: at.range + 1, leaf: following?.from ?? 0 },
    rows,
    lines: size,
    censuses: state.censuses + census.length,
    bytes: state.bytes + lines.bytes,
    parts: { ...parts, lines: parts.lines + lines.count, census: parts.census + told.count },
    sums: { ...state.sums, lines: lines.sum },
  };
};
