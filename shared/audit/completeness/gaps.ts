import { ascending } from '../ascending.ts';
import { countIn, type Range, within, without } from './ranges.ts';
import { type Sequences, type Series, type SeriesName, seriesKey } from './sequences.ts';
import type { StatedSpan, Statement } from './statement.ts';

/** Numbers of one series: `n` of those from `first` to `last`; which ones is known when they are all. */
type Numbers = SeriesName & Range & { readonly n: number };

/** One thing that is not as it would be if nothing were withheld. */
export type Gap =
  /** In the log before and behind, and not in it. */
  | ({ readonly kind: 'missing' } & Numbers)
  /** Used on a day, as is stated, and not in the log. */
  | ({ readonly kind: 'unlogged'; readonly day: string } & Numbers)
  /** In the log of a day, and not stated for it. */
  | ({ readonly kind: 'unstated'; readonly day: string } & Numbers)
  /** Used by more than one inquiry. */
  | ({ readonly kind: 'twice' } & Numbers)
  /** A day with entries in the log for which nothing is stated. */
  | { readonly kind: 'no-statement'; readonly by: string; readonly day: string }
  /** A day for which two different things are stated; neither is compared with the log. */
  | { readonly kind: 'two-statements'; readonly by: string; readonly day: string };

const nameOf = ({ by, station }: SeriesName): SeriesName =>
  station === undefined ? { by } : { by, station };

const sized = (range: Range): Range & { readonly n: number } => ({ ...range, n: countIn([range]) });

/** The whole of ascending ranges, from the first number to the last. */
const hull = (ranges: readonly Range[]): readonly Range[] => {
  const [first, last] = [ranges[0], ranges.at(-1)];
  return first === undefined || last === undefined ? [] : [{ first: first.first, last: last.last }];
};

const dayKey = ({ by, day }: { readonly by: string; readonly day: string }): string =>
  `${by} ${day}`;

/** The same text for equal statements, whatever the order of their spans. */
const textOf = ({ spans }: Statement): string =>
  JSON.stringify(
    spans
      .map(({ first, last, n, ...name }) => [seriesKey(name), first, last, n] as const)
      .toSorted(([a], [b]) => ascending(a, b)),
  );

/** Some of these numbers are meant: all, each range for itself, or `n` somewhere among them. */
const someOf = (
  ranges: readonly Range[],
  n: number,
): readonly (Range & { readonly n: number })[] =>
  n === countIn(ranges) ? ranges.map(sized) : hull(ranges).map((range) => ({ ...range, n }));

/** What is stated for a series and a day, against what the log has of them. */
const compare = (span: StatedSpan | undefined, logged: readonly Range[]) => {
  if (span === undefined) return { unlogged: [], unstated: logged.map(sized) };
  const inside = within(span, logged);
  const outside = hull(logged).flatMap((whole) => [
    ...within({ first: whole.first, last: span.first - 1 }, logged),
    ...within({ first: span.last + 1, last: whole.last }, logged),
  ]);
  const short = span.n - countIn(inside);
  return {
    unlogged: short > 0 ? someOf(without(span, inside), short) : [],
    unstated: [...outside.map(sized), ...(short < 0 ? someOf(inside, -short) : [])],
  };
};

/** Statements by participant and day, and the days for which there are two. */
const sortOut = (statements: readonly Statement[]) => {
  const byDay = Map.groupBy(statements, dayKey);
  const single = new Map<string, Statement>();
  const contradicted: Statement[] = [];
  for (const [key, all] of byDay) {
    const [first] = all;
    if (first === undefined) continue;
    if (new Set(all.map(textOf)).size === 1) single.set(key, first);
    else contradicted.push(first);
  }
  return { byDay, single, contradicted };
};

const loggedOn = (series: Series | undefined, day: string): readonly Range[] =>
  series?.days.find((one) => one.day === day)?.numbers ?? [];

/** Every series and day for which a statement says something, or for which it ought to. */
const comparisons = (
  all: ReadonlyMap<string, Series>,
  single: ReadonlyMap<string, Statement>,
): readonly Gap[] => {
  const stated = [...single.values()].flatMap(({ day, spans }) =>
    spans.map((span) => ({ day, span, series: all.get(seriesKey(span)) })),
  );
  const said = new Set(stated.map(({ day, span }) => `${seriesKey(span)}\n${day}`));
  const unsaid = [...all].flatMap(([key, series]) =>
    series.days
      .filter(
        ({ day }) => single.has(dayKey({ by: series.by, day })) && !said.has(`${key}\n${day}`),
      )
      .map(({ day }) => ({ day, span: undefined, series })),
  );
  return [...stated, ...unsaid].flatMap(({ day, span, series }): readonly Gap[] => {
    const name = span ?? series;
    if (name === undefined) return [];
    const { unlogged, unstated } = compare(span, loggedOn(series, day));
    return [
      ...unlogged.map((numbers) => ({
        kind: 'unlogged' as const,
        ...nameOf(name),
        day,
        ...numbers,
      })),
      ...unstated.map((numbers) => ({
        kind: 'unstated' as const,
        ...nameOf(name),
        day,
        ...numbers,
      })),
    ];
  });
};

/** Numbers between the first and the last of a series that are neither in the log nor told already. */
const missingIn = (series: Series, told: readonly Gap[]): readonly Gap[] => {
  const key = seriesKey(series);
  const known = told
    .flatMap((gap) => (gap.kind === 'unlogged' && seriesKey(gap) === key ? [gap] : []))
    .filter((gap) => gap.n === countIn([gap]))
    .toSorted((a, b) => a.first - b.first);
  return hull(series.numbers)
    .flatMap((whole) => without(whole, series.numbers))
    .flatMap((hole) => without(hole, known))
    .map((range) => ({ kind: 'missing', ...nameOf(series), ...sized(range) }));
};

/** A number as a text that is in order with others. */
const digits = (number: number): string => String(number).padStart(16, '0');

const sortKey = (gap: Gap): string => {
  return 'first' in gap
    ? [seriesKey(gap), digits(gap.first), digits(gap.last), gap.kind].join('\n')
    : [gap.by, gap.day, gap.kind].join('\n');
};

/**
 * Every gap, in an order of its own that does not hang on the order of what is given. A number that is
 * known to be stated and not in the log is `unlogged`, and not `missing` too. `statements` are those of
 * the days that lie wholly in what was read, their signatures verified by the caller: the log before
 * its first leaf and behind its last is not known. `due` is the first day that need not be stated yet.
 */
export const gaps = (
  { series }: Pick<Sequences, 'series'>,
  statements: readonly Statement[],
  due: string,
): readonly Gap[] => {
  const all = new Map(series.map((one) => [seriesKey(one), one]));
  const { byDay, single, contradicted } = sortOut(statements);
  const days = series.flatMap(({ by, days: own }) => own.map(({ day }) => ({ by, day })));
  const unstated = new Map(days.map((at) => [dayKey(at), at]));
  const compared = comparisons(all, single);
  const found: readonly Gap[] = [
    ...compared,
    ...series.flatMap((one) => missingIn(one, compared)),
    ...series.flatMap((one) =>
      one.twice.map((range) => ({ kind: 'twice' as const, ...nameOf(one), ...sized(range) })),
    ),
    ...[...unstated]
      .filter(([key, { day }]) => day < due && !byDay.has(key))
      .map(([, at]) => ({ kind: 'no-statement' as const, ...at })),
    ...contradicted.map(({ by, day }) => ({ kind: 'two-statements' as const, by, day })),
  ];
  return found.toSorted((a, b) => ascending(sortKey(a), sortKey(b)));
};
