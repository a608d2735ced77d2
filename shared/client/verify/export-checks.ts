import type { Manifest } from '../../audit/export/manifest.ts';
import type { JudgedLeaves } from './export-logs.ts';
import { type Check, type Failure, failed, passed, skipped } from './failure.ts';
import type { Findings } from './findings.ts';
import { count, type Depth, leafChecks } from './fsck-checks.ts';
import { notChecked, notCheckedInExports } from './not-checked.ts';
import type { OpenedPart } from './open-export.ts';

/** What was found in the rows, and apart from it in their decoded views. */
export type RowFindings = { readonly rows: Findings; readonly views: Findings };

/** What is said of the rows, by the class that each of its findings has. */
const rowChecks = [
  { check: 'rows', among: 'rows', failure: 'tree' },
  { check: 'lines', among: 'rows', failure: 'malformed' },
  { check: 'views', among: 'views', failure: 'tree' },
  { check: 'disclosures', among: 'rows', failure: 'message' },
] as const satisfies readonly {
  readonly check: string;
  readonly among: keyof RowFindings;
  readonly failure: Failure;
}[];
type RowCheck = (typeof rowChecks)[number]['check'];

const rowChecksOf = (
  findings: RowFindings,
  right: Readonly<Record<RowCheck, string>> | undefined,
): readonly Check[] =>
  rowChecks.flatMap(({ check, among, failure }) => {
    const wrong = findings[among].count(failure);
    if (wrong > 0) return [failed(check, failure, count(wrong, 'finding'))];
    return right === undefined ? [] : [passed(check, right[check])];
  });

/** What is said when nothing further of an export can be believed. */
export const exportStopped = (
  checks: readonly Check[],
  findings: RowFindings,
): readonly Check[] => [
  ...checks,
  ...rowChecksOf(findings, undefined),
  skipped('everything else', 'nothing further here can be believed'),
];

const rangesOf = ({ query: { ranges } }: Manifest): string =>
  ranges
    .map(({ shard, from, to }) => `leaves ${from} up to and without ${to} of log ${shard}`)
    .join(', ');

export type ExportOutcome = {
  readonly manifest: Manifest;
  /** What was said of checkpoints and tiles. */
  readonly opened: readonly Check[];
  readonly parts: readonly OpenedPart[];
  readonly counts: { readonly entries: number; readonly disclosures: number };
  readonly judged: JudgedLeaves;
  readonly depth: Depth;
  readonly findings: RowFindings & { readonly leaves: Findings };
};

const rightRows = ({ parts, counts }: ExportOutcome): Readonly<Record<RowCheck, string>> => {
  const tiles = parts.reduce((sum, part) => sum + part.tiles, 0);
  const entries = count(counts.entries, 'entry', 'entries');
  return {
    rows: `${entries}, each once and in order, ${count(tiles, 'tile')}, and the root`,
    lines: 'every line has its form',
    views: `${entries} decoded again, each view says what its leaf says`,
    disclosures:
      counts.disclosures === 0
        ? 'there are none'
        : `${count(counts.disclosures, 'opened fact')}, each by its digest in the leaf`,
  };
};

/** Everything that is said of an export that was read to its end. */
export const exportChecks = (outcome: ExportOutcome): readonly Check[] => {
  const { manifest, opened, judged, depth, findings } = outcome;
  const { withoutKey } = judged;
  return [
    passed('export', `version ${manifest.v}: ${rangesOf(manifest)}`),
    ...opened,
    ...rowChecksOf(findings, rightRows(outcome)),
    ...leafChecks(depth, findings.leaves, judged),
    ...(withoutKey === 0
      ? []
      : [
          skipped(
            'keys outside of the range',
            `the signatures of ${count(withoutKey, 'message')}, whose keys are on record elsewhere: ` +
              'name the log with --keys',
          ),
        ]),
    ...judged.receipts,
    ...(manifest.policy === undefined
      ? []
      : [skipped('policy.txt', 'the policy inside is for information: yours decided')]),
    ...notCheckedInExports,
    ...notChecked,
  ];
};
