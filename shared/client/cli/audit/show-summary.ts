import type { AuditSummary, FactCounts } from '../../audit-summary.ts';
import { printable } from '../printable.ts';
import { tableLines, widthOf } from '../table.ts';
import { bar, gathered, sparkline } from './sparkline.ts';

/** Columns of a terminal that does not say how many it has. */
const usualWidth = 80;

const many = (count: number): string => count.toLocaleString('en');

const isTime = (by: string): boolean => by === 'day' || by === 'hour';

/** Milliseconds between two labels of a histogram. */
const steps: ReadonlyMap<string, number> = new Map([
  ['day', 86_400_000],
  ['hour', 3_600_000],
]);

/** The most bars of a histogram: a label that cannot be right must not fill the memory. */
const mostBars = 100_000;

/** `2026-11-22` or `2026-11-22T09` as milliseconds of a clock that only counts. */
const timeOf = (label: string): number =>
  Date.parse(label.length === 10 ? `${label}T00:00:00Z` : `${label}:00:00Z`);

/** Every day or hour from the first to the last that is told, those without an entry too. */
export const filled = ({ by, counts }: FactCounts): readonly number[] => {
  const step = steps.get(by);
  const known = new Map(
    counts.flatMap(({ value, n }): [number, number][] =>
      value === null ? [] : [[timeOf(value), n]],
    ),
  );
  const times = [...known.keys()];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const bars = step === undefined ? Number.NaN : Math.round((last - first) / step) + 1;
  if (step === undefined || !(bars >= 1 && bars <= mostBars)) return counts.map(({ n }) => n);
  return Array.from({ length: bars }, (_, n) => known.get(first + n * step) ?? 0);
};

const histogram = (counts: FactCounts, width: number): readonly string[] => {
  const known = counts.counts.flatMap(({ value }) => (value === null ? [] : [value]));
  const [first = '', last = ''] = [known[0], known.at(-1)];
  return known.length < 2
    ? []
    : [sparkline(gathered(filled(counts), width)), printable(`${first} … ${last}`)];
};

/** One fact: a sparkline of its days or hours, and a line with a bar for each value. */
const section = (counts: FactCounts, width: number): readonly string[] => {
  const most = Math.max(0, ...counts.counts.map(({ n }) => n));
  const rows = counts.counts.map(({ value, n }) => [value ?? '(not known)', many(n)] as const);
  const all = counts.rest > 0 ? [...rows, ['(the rest)', many(counts.rest)] as const] : rows;
  const table = tableLines(
    [
      { head: `by ${counts.by}`, least: 12 },
      { head: 'n', align: 'right' },
    ],
    all,
    width,
  );
  const room = Math.min(40, width - Math.max(...table.map(widthOf)) - 2);
  const lines = table.map((line, n) => {
    const count = counts.counts[n - 1]?.n ?? 0;
    return n === 0 || room < 4 ? line : `${line}  ${bar(count, most, room)}`.trimEnd();
  });
  return [...(isTime(counts.by) ? histogram(counts, width) : []), ...lines];
};

/** A summary for a person: days and hours are those of Tehran. */
export const summaryText = (summary: AuditSummary, columns: number | undefined): string => {
  const width = columns ?? usualWidth;
  const span = printable(`${summary.from} up to ${summary.until}`);
  if (summary.n === 0) return `No entry from ${span}.\n`;
  return [
    `${many(summary.n)} ${summary.n === 1 ? 'entry' : 'entries'} from ${span}`,
    ...summary.summary.flatMap((counts) => ['', ...section(counts, width)]),
    '',
  ].join('\n');
};
