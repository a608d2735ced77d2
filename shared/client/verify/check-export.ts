import { maxLine } from '../../audit/export/entry-line.ts';
import { ExportInvalid } from '../../audit/export/export-invalid.ts';
import { type Manifest, memberNames } from '../../audit/export/manifest.ts';
import { readTar, type TarReader } from '../../audit/export/read-tar.ts';
import { exportChecks, exportStopped } from './export-checks.ts';
import { exportLogs, namedFindings } from './export-logs.ts';
import { exportRows } from './export-rows.ts';
import { type Check, failed } from './failure.ts';
import { collectFindings, type Finding, type Note } from './findings.ts';
import type { FsckOptions } from './fsck.ts';
import { earlierOf, type OpenedPart, openExportPart, openManifest } from './open-export.ts';

export type ExportCheckOptions = Omit<FsckOptions, 'reader'> & {
  /** The bytes of the export. */
  readonly source: AsyncIterable<Uint8Array>;
};

export type ExportReport = {
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
};

const openParts = async (
  tar: TarReader,
  { query: { ranges }, cut }: Manifest,
  { policy, previous = [] }: ExportCheckOptions,
) => {
  const checks: Check[] = [];
  const parts: OpenedPart[] = [];
  const isOnly = ranges.length === 1;
  for (const [n, range] of ranges.entries()) {
    const own = cut[n];
    if (own === undefined) throw new RangeError('A manifest has a cut for each range.');
    const opened = await openExportPart(tar, { range, cut: own }, policy, (origin) =>
      earlierOf(previous, origin, isOnly),
    );
    const named = opened.checks.map((one) =>
      isOnly ? one : { ...one, check: `log ${range.shard}: ${one.check}` },
    );
    checks.push(...named);
    if (opened.part === undefined) return { checks, parts: undefined };
    parts.push(opened.part);
  }
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
 * once and the tree's, the views derived again, disclosures by their digests; then the leaves as those
 * of a whole log, as far as the range allows.
 */
export const checkExport = async (options: ExportCheckOptions): Promise<ExportReport> => {
  const { source, depth, progress = () => undefined } = options;
  const [rows, views, leaves] = [collectFindings(), collectFindings(), collectFindings()];
  const tar = readTar(source);
  let opened: readonly Check[] = [];
  const report = (checks: readonly Check[]): ExportReport => ({
    checks,
    findings: [rows, views, leaves].flatMap(({ list }) => list()),
    notes: leaves.notes(),
  });
  try {
    const manifest = await openManifest(tar);
    const { checks, parts } = await openParts(tar, manifest, options);
    opened = checks;
    if (parts === undefined) return report(exportStopped(checks, { rows, views }));
    const logs = exportLogs(parts, options, leaves);
    const total = parts.reduce((sum, { range: { from, to } }) => sum + to - from, 0);
    const isOnly = parts.length === 1;
    let done = 0;
    const judging = exportRows(
      parts,
      (part, finding) => {
        const among = finding.fault === 'view-differs' ? views : rows;
        namedFindings(among, part?.range.shard ?? 0, isOnly || part === undefined).add(finding);
      },
      async (part, block) => {
        const log = await logs.of(part);
        await log.add(block);
        block.entries.forEach((data, n) => options.look?.(block.first + n, data));
        done += block.entries.length;
        progress(done, total);
      },
    );
    for await (const line of tar.lines(memberNames.entries, maxLine)) await judging.take(line);
    await judging.finish();
    const judged = await logs.finish();
    await tar.end();
    const counts = { entries: done, disclosures: judging.disclosures() };
    const findings = { rows, views, leaves };
    return report(exportChecks({ manifest, opened, parts, counts, judged, depth, findings }));
  } catch (error) {
    if (!(error instanceof ExportInvalid)) throw error;
    const invalid = failed('export', 'malformed', error.message);
    return report(exportStopped([...opened, invalid], { rows, views }));
  } finally {
    await tar.close();
  }
};
