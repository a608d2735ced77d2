import { styleText } from 'node:util';
import type { Gap } from '../../audit/completeness/gaps.ts';
import type { Completeness } from '../verify/completeness.ts';
import { type Check, worstOf } from '../verify/failure.ts';
import { type Finding, listed, type Note } from '../verify/findings.ts';
import { exitCodeOf } from './exit-codes.ts';
import { printable } from './printable.ts';

/** What a verification came to. */
export type Report = {
  /** What was verified, as it was named on the command line. */
  readonly what: string;
  readonly checks: readonly Check[];
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
  /** Absent when nothing can be told of it. */
  readonly completeness?: Completeness | undefined;
};

const noteTexts: Readonly<Record<string, string>> = {
  'key-leaf-follows': 'messages whose key came on record up to ten seconds behind them',
  'key-just-ended': 'messages whose key had ended less than a minute before',
  'change-not-there-yet': 'gaps in the numbers of changes, which a late leaf may still fill',
  'changed-without-command':
    'changes of the registry that nobody signed, as before there were commands',
  'key-elsewhere':
    'messages that were not verified, for their key is not on record in this log, which is one of several (--keys)',
  'registry-begun-by':
    'beginning of the registry; compare with what the registrar publishes its key',
};

const marks = {
  passed: ['green', '✓'],
  failed: ['red', '✗'],
  skipped: ['dim', '–'],
  noted: ['yellow', '!'],
} as const;

const widest = (checks: readonly Check[]): number =>
  Math.max(...checks.map(({ check }) => check.length)) + 2;

const checkLines = (checks: readonly Check[], colours: boolean): readonly string[] => {
  const width = widest(checks);
  return checks.map(({ check, result, detail }) => {
    const [style, mark] = marks[result];
    const said = `${check.padEnd(width)}${result === 'skipped' ? 'not checked: ' : ''}${detail}`;
    const text = `${mark} ${printable(said)}`;
    return colours ? styleText(style, text, { validateStream: false }) : text;
  });
};

const findingLines = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ fault, index, detail }) => {
    const where = index === undefined ? '' : ` at leaf ${index}`;
    return printable(`    ${fault}${where}: ${detail}`);
  });

/** A note is a code, and what it is about may follow. */
const noteText = (note: string): string => {
  const [code = '', ...about] = note.split(' ');
  return [noteTexts[code] ?? code, ...about].join(' ');
};

const noteLines = (notes: readonly Note[]): readonly string[] =>
  notes.map(({ note, count, first }) =>
    printable(`  ${count} ${noteText(note)}, the first at leaf ${first}`),
  );

const numbersText = (gap: Gap): string => {
  if (!('first' in gap)) return '';
  const { first, last, n } = gap;
  if (first === last) return ` ${first}`;
  return ` ${first} to ${last}${n === last - first + 1 ? '' : `, ${n} of them`}`;
};

/** One gap: its kind, whose numbers, of which day, and which they are. */
const gapLine = (gap: Gap): string => {
  const station = 'station' in gap ? ` ${gap.station}` : '';
  const day = 'day' in gap ? ` on ${gap.day}` : '';
  const open = gap.open === true ? '; it may still be filled' : '';
  return printable(`    ${gap.kind}: ${gap.by}${station}${day}${numbersText(gap)}${open}`);
};

/** Of each kind the first gaps, and how many more there are. */
const gapLines = ({ gaps, counts }: Completeness): readonly string[] =>
  counts.flatMap(({ kind, gaps: many }) => [
    ...gaps
      .filter((gap) => gap.kind === kind)
      .slice(0, listed)
      .map(gapLine),
    ...(many > listed ? [`    ${kind}: ${many - listed} more, which --json lists`] : []),
  ]);

const verdictLine = (checks: readonly Check[]): string => {
  const code = exitCodeOf(worstOf(checks));
  return code === 0 ? 'Everything that was checked is right.' : `FAILED (exit code ${code}).`;
};

/** The report for a person: what was checked, what was not, and what is wrong. */
export const reportText = (report: Report, colours: boolean): string =>
  [
    ...checkLines(report.checks, colours),
    ...noteLines(report.notes),
    ...(report.findings.length === 0
      ? []
      : [`  Findings, at most ${listed} of a class:`, ...findingLines(report.findings)]),
    ...(report.completeness === undefined || report.completeness.gaps.length === 0
      ? []
      : [`  Gaps, at most ${listed} of a kind:`, ...gapLines(report.completeness)]),
    verdictLine(report.checks),
    '',
  ].join('\n');

/** The same for a machine: one JSON document. */
export const reportJson = (report: Report): string => {
  const exitCode = exitCodeOf(worstOf(report.checks));
  return `${JSON.stringify({ ok: exitCode === 0, exitCode, ...report })}\n`;
};
