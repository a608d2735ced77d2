import { maxCensusLine } from '../../audit/export/census-record.ts';
import { maxLine } from '../../audit/export/entry-line.ts';
import type { Filtering } from '../../audit/export/export-filter.ts';
import { ExportInvalid } from '../../audit/export/export-invalid.ts';
import { reachOf } from '../../audit/export/filter-reach.ts';
import { maxCensuses, memberNames } from '../../audit/export/manifest.ts';
import type { TarReader } from '../../audit/export/read-tar.ts';
import { censusReader, type NamedCensus } from './census-records.ts';
import { type CensusRowCounts, censusRows } from './census-rows.ts';
import type { ExportLogs } from './export-logs.ts';
import { exportRows, type RowsBlock } from './export-rows.ts';
import type { Check } from './failure.ts';
import { type FilteredPart, filteredRows } from './filtered-rows.ts';
import type { Finding } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import { type OpenedPart, readLeafTiles } from './open-export.ts';

/** What became of the rows of an export. */
export type ReadRows = {
  readonly entries: number;
  readonly disclosures: number;
  /** Of a filtered one alone. */
  readonly filtered:
    | { readonly censuses: readonly CensusRowCounts[]; readonly untold: number }
    | undefined;
  /** Why nothing further can be believed. */
  readonly stopped: Check | undefined;
};

export type RowsInput = {
  readonly tar: TarReader;
  readonly parts: readonly OpenedPart[];
  readonly logs: ExportLogs;
  readonly found: (part: OpenedPart | undefined, finding: Finding) => void;
} & Pick<FsckOptions, 'look' | 'progress'>;

/** Hands blocks on, and says how far they have come. */
const passing = ({ parts, logs, look, progress = () => undefined }: RowsInput) => {
  const total = parts.reduce((sum, { range: { from, to } }) => sum + to - from, 0);
  const before = new Map<OpenedPart, number>();
  parts.reduce((sum, part) => {
    before.set(part, sum);
    return sum + part.range.to - part.range.from;
  }, 0);
  let entries = 0;
  return {
    entries: () => entries,
    pass: async (part: OpenedPart, block: RowsBlock): Promise<void> => {
      const { first, indexes } = block;
      const log = await logs.of(part);
      await log.add(block);
      block.entries.forEach((data, n) => look?.(indexes?.[n] ?? first + n, data));
      entries += block.entries.length;
      const last = indexes?.at(-1) ?? first + block.entries.length - 1;
      progress((before.get(part) ?? 0) + last + 1 - part.range.from, total);
    },
  };
};

/** Reads the rows of an export that holds all leaves of its ranges. */
export const readAllRows = async (input: RowsInput): Promise<ReadRows> => {
  const { tar, parts, logs, found } = input;
  const { pass, entries } = passing(input);
  const judging = exportRows(parts, found, pass);
  for await (const line of tar.lines(memberNames.entries, maxLine)) await judging.take(line);
  await judging.finish();
  await logs.close();
  return {
    entries: entries(),
    disclosures: judging.disclosures(),
    filtered: undefined,
    stopped: undefined,
  };
};

const readCensuses = async (
  { tar, parts, found }: RowsInput,
  filtering: Filtering,
): Promise<readonly NamedCensus[]> => {
  const ranges = parts.map(({ range }) => range);
  const reader = censusReader(ranges, reachOf(filtering).keys, (shard, finding) =>
    found(
      parts.find(({ range }) => range.shard === shard),
      finding,
    ),
  );
  let size = 0;
  for await (const line of tar.lines(memberNames.census, maxCensusLine)) {
    size += line.length + 1;
    if (size > maxCensuses) throw new ExportInvalid('too-large');
    reader.take(line);
  }
  return reader.all();
};

type Part = FilteredPart & { readonly opened: OpenedPart };

/** Reads the rows of a filtered export, the censuses before them and the leaf tiles behind them. */
export const readFilteredRows = async (
  input: RowsInput,
  filtering: Filtering,
): Promise<ReadRows> => {
  const { tar, parts, logs, found } = input;
  const { from, to } = filtering.filter;
  const time = {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  };
  const named = await readCensuses(input, filtering);
  const counted = parts.map((opened): Part => {
    const { range, tree } = opened;
    const censuses = named.filter(({ shard }) => shard === range.shard);
    const rows = censusRows({ range, censuses, reach: reachOf(filtering), time }, (finding) =>
      found(opened, finding),
    );
    return { opened, range, tree, censuses: rows };
  });
  const { pass, entries } = passing(input);
  const judging = filteredRows(
    counted,
    filtering,
    (part, finding) => found(part?.opened, finding),
    (part, block) => pass(part.opened, block),
  );
  for await (const line of tar.lines(memberNames.entries, maxLine)) await judging.take(line);
  await judging.finish();
  await logs.close();
  let stopped: Check | undefined;
  for (const part of counted) {
    const { opened } = part;
    const compare = (tile: number, bytes: Uint8Array): void =>
      judging.compare(part, tile, bytes, (index, hash) => logs.look(opened, index, hash));
    stopped ??= await readLeafTiles(tar, opened, compare);
    if (stopped !== undefined) break;
    if (opened.edge !== undefined) compare(opened.edge.index, opened.edge.bytes);
  }
  return {
    entries: entries(),
    disclosures: judging.disclosures(),
    filtered: { censuses: counted.map((one) => one.censuses.finish()), untold: judging.untold() },
    stopped,
  };
};
