import { formatEntryLine } from '../audit/export/entry-line.ts';
import { exportCensuses, type KeptLines } from '../audit/export/export-census.ts';
import {
  ExportImpossible,
  type ExportOrder,
  type ExportPart,
} from '../audit/export/export-order.ts';
import {
  type ExportedBlock,
  exportBlock,
  openTree,
  type Select,
} from '../audit/export/export-pieces.ts';
import { type RangeBlock, rangeBlocks } from '../audit/export/range-tiles.ts';
import type { RangeTree } from '../audit/export/range-tree.ts';
import { readAhead } from '../audit/export/read-ahead.ts';
import { maxOctal } from '../audit/export/tar-header.ts';
import { leafStamp } from '../audit/sequence/search.ts';
import { tileWidth } from '../audit/tlog/tree.ts';
import { concat } from '../kernel/bytes.ts';
import type { Opened } from './export-plan.ts';
import type { ExportState } from './export-state.ts';
import type { WriteParts } from './write-parts.ts';

/** How the rows of an export come about. */
export type LineMaking = {
  readonly order: ExportOrder;
  readonly select: Select;
  readonly opened: readonly Opened[];
  readonly keptLines?: KeptLines | undefined;
  readonly write: WriteParts;
  /** Bundles whose entries are taken. */
  readonly bundles: number;
};

/** The lines of a block, with the facts that were opened in those of the inquiries they are of. */
const openedBlock = async (
  part: ExportPart,
  tree: RangeTree,
  block: RangeBlock,
  { select, opened }: Pick<LineMaking, 'select' | 'opened'>,
): Promise<ExportedBlock> => {
  const rows = new Set<number>();
  const made = await exportBlock(part, tree, block, async (index, data) => {
    const isRow = await select(index, data);
    if (isRow) rows.add(index);
    return isRow;
  });
  const texts = new Map<string, Opened['texts']>(
    opened.map((one) => [one.inquiry, one.texts] as const),
  );
  const lines = made.leaves.flatMap((data, n) => {
    const index = block.first + n;
    if (!rows.has(index)) return [];
    const { kind, id } = leafStamp(data);
    const disclosures = kind === 'i' ? texts.get(id) : undefined;
    return [formatEntryLine({ shard: part.shard, index, data, disclosures })];
  });
  return { ...made, bytes: concat(...lines) };
};

/**
 * The rows of the next bundles of a range, and the censuses among them: the same state makes the same
 * parts. Throws ExportImpossible, LogFileMissing and what writing throws.
 */
export const makeLines = async (
  making: LineMaking,
  state: ExportState,
): Promise<Partial<ExportState>> => {
  const { order, opened, select, keptLines, write, bundles } = making;
  const { at, parts } = state;
  const part = order.parts[at.range];
  if (part === undefined) return { step: 'frame' };
  const from = at.leaf;
  const to = Math.min(part.to, (Math.floor(from / tileWidth) + bundles) * tileWidth);
  const tree = await openTree(part, { from, to });
  const censuses: Uint8Array[] = [];
  let rows = state.rows;
  let size = state.lines;

  const pieces = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const blocks = readAhead(rangeBlocks({ from, to }), (block) =>
      opened.length === 0
        ? exportBlock(part, tree, block, select)
        : openedBlock(part, tree, block, making),
    );
    for await (const [{ first }, made] of blocks) {
      rows += made.rows;
      size += made.bytes.length;
      if (size > maxOctal) throw new ExportImpossible('too-large');
      if (order.filtering !== undefined) {
        const found = { first, leaves: made.leaves };
        censuses.push(await exportCensuses(part, order.filtering, found, keptLines));
      }
      yield made.bytes;
    }
  };

  const lines = await write('lines', parts.lines, state.sums.lines, pieces());
  const census = concat(...censuses);
  const told = await write(
    'census',
    parts.census,
    '',
    (async function* () {
      yield census;
    })(),
  );
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
