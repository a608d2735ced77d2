import type { DayReconciled } from '../../reconcile-day.ts';
import { printable } from '../printable.ts';
import { tableLines } from '../table.ts';

const many = (count: number): string => count.toLocaleString('en');

type Numbers = DayReconciled['unjudged'][number];

const numbersText = ({ station, first, last }: Numbers): string => {
  const what = first === last ? `number ${first}` : `numbers ${first} to ${last}`;
  return printable(station === undefined ? what : `${what} of ${station}`);
};

const numbersIn = (ranges: readonly Numbers[]): number =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** Lines under a heading; none where there is nothing to tell. */
const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`)];

const columns = [
  { head: 'inquiry' },
  { head: 'station', least: 8 },
  { head: 'number', align: 'right' },
  { head: 'answer', align: 'right', optional: true },
  { head: 'outcome', least: 8, optional: true },
  { head: 'leaf', optional: true },
] as const;

const oursLines = (ours: DayReconciled['ours'], width: number | undefined): readonly string[] =>
  ours.length === 0
    ? []
    : tableLines(
        columns,
        ours.map(({ id, station, seq, answer, outcome, leaf }) => [
          id,
          station,
          String(seq),
          answer === undefined ? '' : String(answer),
          outcome,
          `${leaf.shard}/${leaf.index}`,
        ]),
        width === undefined ? undefined : width - 2,
      );

/** What one side has and the other has not, for a person. */
export const reconciledText = (
  day: string,
  { complete, until, agreed, yours, ours, differs, pending, unjudged }: DayReconciled,
  width: number | undefined,
): string => {
  const missing = yours.ids.length + numbersIn(yours.numbers);
  const counts: readonly (readonly [string, number, string])[] = [
    ['both', agreed, 'in the log, and handed in'],
    ['yours only', missing, 'handed in, and not in the log'],
    ['log only', ours.length, 'in the log, and not handed in'],
    ['differ', differs.length, 'in the log under another leaf than the receipt promised'],
    ['on the way', pending.length, 'kept by the exchange, and not in the log yet'],
    ['open', numbersIn(unjudged), 'numbers of which it cannot be told yet'],
  ];
  return [
    complete
      ? `${day}, the whole day`
      : printable(`${day} up to ${until}: what came later is not compared yet`),
    ...tableLines(
      [{ head: '' }, { head: 'n', align: 'right' }, { head: '' }],
      counts.map(([name, count, what]) => [name, many(count), what]),
      undefined,
    ),
    ...section('Handed in, and not in the log:', [
      ...yours.ids.map(printable),
      ...yours.numbers.map(numbersText),
    ]),
    ...section('In the log, and not handed in:', oursLines(ours, width)),
    ...section(
      'Under another leaf than promised; the receipt is evidence:',
      differs.map(printable),
    ),
    ...section('On their way into the log:', pending.map(printable)),
    ...section('Not to be told yet, ask again a day or two later:', unjudged.map(numbersText)),
    '',
  ].join('\n');
};
