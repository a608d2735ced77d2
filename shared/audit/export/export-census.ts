import { CensusTaken } from '#events/census-taken.ts';
import { concat } from '../../kernel/bytes.ts';
import { takeCensus } from '../census/census.ts';
import { proveCounts, rootOfLines } from '../census/census-tree.ts';
import { recordIn } from '../leaf-json.ts';
import { formatCensusRecord } from './census-record.ts';
import type { Filtering } from './export-filter.ts';
import type { ExportPart } from './export-order.ts';
import { readBlock } from './export-pieces.ts';
import { reachOf } from './filter-reach.ts';
import { rangeBlocks } from './range-tiles.ts';
import { readAhead } from './read-ahead.ts';

/** The lines of a census as somebody kept them, if anybody did; they are believed by its root only. */
export type KeptLines = (census: CensusTaken) => Promise<readonly string[] | undefined>;

/** The census in a leaf, if it is of this log. */
export const censusIn = (shard: number, data: Uint8Array): CensusTaken | undefined => {
  const census = CensusTaken.safeParse(recordIn(data)).data;
  return census?.shard === shard ? census : undefined;
};

/** The same, if it counts what lies wholly in the range. */
const censusWithin = (
  { shard, from, to }: Pick<ExportPart, 'shard' | 'from' | 'to'>,
  data: Uint8Array,
): CensusTaken | undefined => {
  const census = censusIn(shard, data);
  return census !== undefined && census.from >= from && census.to <= to ? census : undefined;
};

const takenAgain = async (part: ExportPart, { from, to }: CensusTaken) => {
  const taker = takeCensus();
  const blocks = readAhead(rangeBlocks({ from, to }), (block) => readBlock(part, block));
  for await (const [, leaves] of blocks) leaves.forEach(taker.add);
  return taker.read().lines;
};

/**
 * What `census.ndjson` says of the censuses among leaves, of which the first stands at `first`: nothing
 * for most blocks. The lines that a count is shown by are those that were kept, or else are counted
 * again, for which the stretch is read once more. A census that is not what the log holds is told
 * without them, so that whoever verifies the export sees it.
 */
export const exportCensuses = async (
  part: ExportPart,
  filtering: Filtering,
  { first, leaves }: { readonly first: number; readonly leaves: readonly Uint8Array[] },
  kept: KeptLines = async () => undefined,
): Promise<Uint8Array> => {
  const { keys } = reachOf(filtering);
  const records: Uint8Array[] = [];
  for (const [position, data] of leaves.entries()) {
    const census = filtering.scope === undefined ? censusWithin(part, data) : undefined;
    if (census === undefined || census.to > first + position) continue;
    const { from, to, n, root } = census;
    const isRight = (lines: readonly string[]): boolean => rootOfLines(lines) === root;
    const known = keys.length === 0 ? [] : ((await kept(census)) ?? []);
    const lines = isRight(known) || keys.length === 0 ? known : await takenAgain(part, census);
    const counts = isRight(lines) ? await proveCounts(lines, keys) : [];
    const said = { shard: part.shard, index: first + position, from, to, n, root };
    records.push(formatCensusRecord({ ...said, of: lines.length, counts }));
  }
  return concat(...records);
};
