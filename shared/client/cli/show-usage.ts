import { everyCounter, isExceeded, type UsageRow, type UsedQuota } from './count-usage.ts';

/** Columns of a terminal that does not say how many it has. */
const usualWidth = 80;

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

const many = (count: number): string => count.toLocaleString('en');

/** The narrowest quota of a kind, by what is left of it. */
const tightest = (quotas: UsageRow['quotas'], per: UsedQuota['per']): string => {
  if (quotas === 'untold') return '?';
  const [first] = quotas
    .filter((one) => one.per === per)
    .toSorted((a, b) => a.most - a.used - (b.most - b.used));
  return first === undefined ? '–' : many(first.most);
};

const heads = ['day', 'counter', 'allowed', 'of a day', 'most/s', 'of a s', ''] as const;

const cellsOf = (row: UsageRow): readonly string[] => [
  row.day,
  row.counter === everyCounter ? 'all together' : row.counter,
  many(row.allowed),
  tightest(row.quotas, 'day'),
  many(row.peak),
  tightest(row.quotas, 'second'),
  isExceeded(row) ? '!' : '',
];

/** Two spaces, the day, the counter with what room there is, numbers to the right, the mark. */
const lineOf = (cells: readonly string[], widths: readonly number[]): string =>
  `  ${cells
    .map((cell, n) => {
      const width = widths[n] ?? 0;
      return n < 2 ? cut(cell, width).padEnd(width) : cell.padStart(width);
    })
    .join('  ')}`.trimEnd();

const widthsOf = (lines: readonly (readonly string[])[], width: number): readonly number[] => {
  const widths = heads.map((_, n) => Math.max(...lines.map((cells) => cells[n]?.length ?? 0)));
  const others = widths.reduce((sum, one, n) => (n === 1 ? sum : sum + one), 0) + 2 * heads.length;
  return widths.with(1, Math.max(8, Math.min(widths[1] ?? 0, width - others)));
};

const exceededLines = (rows: readonly UsageRow[], width: number): readonly string[] =>
  rows.flatMap(({ quotas, day, service, counter }) =>
    (quotas === 'untold' ? [] : quotas.filter(({ exceeded }) => exceeded)).flatMap(
      ({ name, per, used, most }) => [
        cut(`  ! ${day} ${service} ${counter === everyCounter ? 'all together' : counter}`, width),
        `      ${name}: ${many(used)} in a ${per}, of ${many(most)}`,
      ],
    ),
  );

const unreadLines = (unread: number): readonly string[] =>
  unread === 0 ? [] : [`${many(unread)} inquiries could not be read, and are not counted.`];

/** A table that fits into so many columns. */
export const usageText = (
  rows: readonly UsageRow[],
  unread: number,
  columns: number | undefined,
): string => {
  const width = columns ?? usualWidth;
  if (rows.length === 0)
    return ['No allowed inquiry was found.', ...unreadLines(unread), ''].join('\n');
  const widths = widthsOf([heads, ...rows.map(cellsOf)], width);
  const services = [...new Set(rows.map(({ service }) => service))];
  const exceeded = exceededLines(rows, width);
  const untold = rows.some(({ quotas }) => quotas === 'untold');
  return [
    lineOf(heads, widths),
    ...services.flatMap((service) => [
      cut(service, width),
      ...rows.filter((row) => row.service === service).map((row) => lineOf(cellsOf(row), widths)),
    ]),
    ...(exceeded.length === 0 ? ['No quota was exceeded.'] : ['Exceeded:', ...exceeded]),
    ...(untold ? ['?: not all changes of the registry are here to tell.'] : []),
    ...unreadLines(unread),
    '',
  ].join('\n');
};
