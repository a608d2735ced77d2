import type { Manifest } from '../../audit/export/manifest.ts';
import type { JudgedLeaves } from './export-logs.ts';
import { type Check, type Failure, failed, noted, passed, skipped } from './failure.ts';
import { filteredChecks, queryChecks, saidOnly, timeChecks } from './filter-checks.ts';
import type { Findings } from './findings.ts';
import { count, type Depth, leafChecks } from './fsck-checks.ts';
import { notChecked, notCheckedInExports } from './not-checked.ts';
import type { OpenedPart } from './open-export.ts';
import type { ReadRows } from './read-rows.ts';

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
  readonly read: Pick<ReadRows, 'entries' | 'disclosures' | 'filtered'>;
  readonly judged: JudgedLeaves;
  readonly depth: Depth;
  readonly findings: RowFindings & { readonly leaves: Findings };
  /** What is said of what may be missing. */
  readonly whole: readonly Check[];
};

const leavesIn = ({ manifest }: ExportOutcome): number =>
  manifest.query.ranges.reduce((sum, { from, to }) => sum + to - from, 0);

const rightRows = (outcome: ExportOutcome): Readonly<Record<RowCheck, string>> => {
  const { parts, read } = outcome;
  const tiles = parts.reduce((sum, part) => sum + part.tiles, 0);
  const entries = count(read.entries, 'entry', 'entries');
  const which =
    read.filtered === undefined
      ? `${entries}, each once and in order`
      : `${entries} of ${leavesIn(outcome)}, each named by the filter and in order`;
  return {
    rows: `${which}, ${count(tiles, 'tile')}, and the root`,
    lines: 'every line has its form',
    views: `${entries} decoded again, each view says what its leaf says`,
    disclosures:
      read.disclosures === 0
        ? 'there are none'
        : `${count(read.disclosures, 'opened fact')}, each by its digest in the leaf`,
  };
};

const pendingChecks = ({ manifest: { pending } }: ExportOutcome): readonly Check[] =>
  pending === undefined
    ? []
    : [
        skipped(
          'pending',
          `${saidOnly}${count(pending.count, 'inquiry', 'inquiries')} in no tree yet`,
        ),
      ];

/** Numbers of changes that are not there, and may be in a leaf that came late. */
const changeChecks = ({ findings: { leaves } }: ExportOutcome): readonly Check[] => {
  const gaps = leaves.notes().find(({ note }) => note === 'change-not-there-yet')?.count ?? 0;
  if (gaps === 0) return [];
  const still = 'which a leaf that comes late may still fill, if no row of one was left out';
  return [noted('changes', `${count(gaps, 'gap')} in their numbers, ${still}`)];
};

/** Everything that is said of an export that was read to its end. */
export const exportChecks = (outcome: ExportOutcome): readonly Check[] => {
  const { manifest, opened, judged, depth, findings, whole } = outcome;
  const { withoutKey } = judged;
  return [
    passed('export', `version ${manifest.v}: ${rangesOf(manifest)}`),
    ...queryChecks(manifest),
    ...opened,
    ...rowChecksOf(findings, rightRows(outcome)),
    ...filteredChecks(outcome),
    ...timeChecks(outcome),
    ...changeChecks(outcome),
    ...leafChecks(depth, findings.leaves, judged, judged.seen),
    ...whole,
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
    ...pendingChecks(outcome),
    ...notCheckedInExports,
    ...notChecked,
  ];
};
