import { ExportInvalid } from '../../audit/export/export-invalid.ts';
import type { Manifest, Query } from '../../audit/export/manifest.ts';
import { readTar, type TarReader } from '../../audit/export/read-tar.ts';
import type { Completeness } from './completeness.ts';
import { exportChecks, exportStopped } from './export-checks.ts';
import { exportCompleteness } from './export-completeness.ts';
import { exportLogs, namedFindings } from './export-logs.ts';
import { type Check, failed } from './failure.ts';
import { collectFindings, type Finding, type Note } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import {
  earlierOf,
  filteringOf,
  mixedCheck,
  type OpenedPart,
  openExportPart,
  openManifest,
} from './open-export.ts';
import { readAllRows, readFilteredRows } from './read-rows.ts';

export type ExportCheckOptions = Omit<FsckOptions, 'reader'> & {
  /** The bytes of the export. */
  readonly source: AsyncIterable<Uint8Array>;
};

export type ExportReport = {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Undefined when nothing can be told of it. */
  readonly completeness: Completeness | undefined;
  /** What of its logs it holds, as it says itself; undefined where that cannot be read. */
  readonly query: Query | undefined;
  /** Whether its logs have leaves up to their checkpoints that it leaves out. */
  readonly isPart: boolean;
};

/** Checks of one log of several say which. */
const namedChecks = (checks: readonly Check[], shard: number, isOnly: boolean): readonly Check[] =>
  checks.map((one) => (isOnly ? one : { ...one, check: `log ${shard}: ${one.check}` }));

const leavesOut = ({ query: { kind, ranges }, cut }: Manifest): boolean =>
  kind === 'filter' || ranges.some(({ from, to }, n) => from > 0 || to !== cut[n]?.size);

/** What became of the earlier checkpoints, once all tiles were taken. */
const comparedIn = (parts: readonly OpenedPart[]): readonly Check[] =>
  parts.flatMap(({ compared, range }) => namedChecks(compared(), range.shard, parts.length === 1));

const openParts = async (
  tar: TarReader,
  { query: { kind, ranges }, cut }: Manifest,
  { policy, previous = [] }: ExportCheckOptions,
) => {
  const checks: Check[] = [];
  const parts: OpenedPart[] = [];
  const isOnly = ranges.length === 1;
  const isFiltered = kind === 'filter';
  for (const [n, range] of ranges.entries()) {
    const own = cut[n];
    if (own === undefined) throw new RangeError('A manifest has a cut for each range.');
    const opened = await openExportPart(tar, { range, cut: own, isFiltered }, policy, (origin) =>
      earlierOf(previous, origin, isOnly),
    );
    checks.push(...namedChecks(opened.checks, range.shard, isOnly));
    if (opened.part === undefined) return { checks, parts: undefined };
    parts.push(opened.part);
  }
  const mixed = mixedCheck(parts);
  if (mixed.length > 0) return { checks: [...checks, ...mixed], parts: undefined };
  const origins = new Set(parts.map(({ origin }) => origin));
  const strangers = isOnly
    ? []
    : previous.filter((one) => ![...origins].some((origin) => earlierOf([one], origin, false)[0]));
  checks.push(
    ...strangers.map(({ name }) => failed(name, 'malformed', 'It is of another log than these')),
  );
  return { checks, parts };
};

/**
 * Verifies an export from its bytes alone, in one pass and in memory that does not grow with it: the
 * checkpoint by the policy of whoever verifies, the tiles down from its root, every row of the range
 * once and the tree's, or of a filtered one those that the filter names; the views derived again,
 * disclosures by their digests; then the leaves as those of a whole log, as far as the range allows.
 */
export const checkExport = async (options: ExportCheckOptions): Promise<ExportReport> => {
  const { source, depth } = options;
  const [rows, views, leaves] = [collectFindings(), collectFindings(), collectFindings()];
  const tar = readTar(source);
  let opened: readonly Check[] = [];
  let query: Query | undefined;
  let isPart = true;
  const report = (checks: readonly Check[], completeness?: Completeness): ExportReport => ({
    checks,
    findings: [rows, views, leaves].flatMap(({ list }) => list()),
    notes: leaves.notes(),
    completeness,
    query,
    isPart,
  });
  try {
    const manifest = await openManifest(tar);
    query = manifest.query;
    isPart = leavesOut(manifest);
    const filtering = filteringOf(manifest);
    const { checks, parts } = await openParts(tar, manifest, options);
    opened = checks;
    if (parts === undefined) return report(exportStopped(checks, { rows, views }));
    const isOnly = parts.length === 1;
    const logs = exportLogs(parts, options, filtering, leaves);
    const input = {
      ...options,
      tar,
      parts,
      logs,
      found: (part: OpenedPart | undefined, finding: Finding) => {
        const among = finding.fault === 'view-differs' ? views : rows;
        namedFindings(among, part?.range.shard ?? 0, isOnly || part === undefined).add(finding);
      },
    };
    const read = await (filtering === undefined
      ? readAllRows(input)
      : readFilteredRows(input, filtering));
    if (read.stopped !== undefined) {
      return report(exportStopped([...checks, read.stopped], { rows, views }));
    }
    const judged = await logs.finish();
    await tar.end();
    opened = [...checks, ...comparedIn(parts)];
    const { completeness, checks: whole } = exportCompleteness(judged, filtering, options);
    const findings = { rows, views, leaves };
    const outcome = { manifest, opened, parts, read, judged, depth, findings, whole };
    return report(exportChecks(outcome), completeness);
  } catch (error) {
    if (!(error instanceof ExportInvalid)) throw error;
    const invalid = failed('export', 'malformed', error.message);
    return report(exportStopped([...opened, invalid], { rows, views }));
  } finally {
    await tar.close();
  }
};
