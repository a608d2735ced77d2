import { ascending } from '../ascending.ts';
import { countIn, type Range, type TimedRange, within, without } from './ranges.ts';
import { type Sequences, type Series, type SeriesName, seriesKey } from './sequences.ts';
import type { StatedSpan, Statement } from './statement.ts';

/** Numbers of one series: `n` of those from `first` to `last`; which ones is known when they are all. */
type Numbers = SeriesName & Range & { readonly n: number };

/** Present where what is lacking may still come, or may stand where nothing was read. */
type MayBe = { readonly open?: true };

/** One thing that is not as it would be if nothing were withheld. */
export type Gap = MayBe & Lack;
type Lack =
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

/**
 * What of a log was read: a gap that reaches over its edges shows nothing. Times are those inside of
 * ids, in milliseconds.
 */
export type Horizon = {
  /** Before it leaves are not known; absent where the log was read from its first leaf. */
  readonly since?: number | undefined;
  /** From then on leaves may still come, late ones too. */
  readonly until: number;
  /** The first day that lies wholly behind `since`. */
  readonly firstDay?: string | undefined;
  /** The first day that does not lie wholly before `until`. */
  readonly openDay: string;
};

const everything: Horizon = { until: Number.POSITIVE_INFINITY, openDay: '~' };

/** Milliseconds by which numbers may follow each other in another order than the times of their ids. */
export const numberSpread = 600_000;

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
  { firstDay = '', openDay }: Horizon,
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
    const lacking = day < firstDay ? [] : unlogged;
    return [
      ...lacking.map((numbers) => ({
        kind: 'unlogged' as const,
        ...nameOf(name),
        day,
        ...numbers,
        ...openWhen(day >= openDay),
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

const openWhen = (may: boolean): MayBe => (may ? { open: true } : {});

/** The numbers between two ranges, unless they may all have been used before anything was read. */
const holeIn = (
  before: TimedRange,
  behind: TimedRange,
  { since, until }: Horizon,
): readonly (Range & MayBe)[] => {
  if (since !== undefined && before.ended < since + numberSpread) return [];
  const hole = { first: before.last + 1, last: behind.first - 1 };
  return [{ ...hole, ...openWhen(behind.begun + numberSpread > until) }];
};

const holesIn = (numbers: readonly TimedRange[], horizon: Horizon): readonly (Range & MayBe)[] =>
  numbers.flatMap((behind, n) => {
    const before = numbers[n - 1];
    return before === undefined ? [] : holeIn(before, behind, horizon);
  });

/** Of gaps the numbers that are known to be stated and not in the log, by their series. */
const toldIn = (found: readonly Gap[]): ReadonlyMap<string, readonly Range[]> =>
  Map.groupBy(
    found.flatMap((gap) => (gap.kind === 'unlogged' && gap.n === countIn([gap]) ? [gap] : [])),
    seriesKey,
  );

/** Numbers between the first and the last of a series that are neither in the log nor told already. */
const missingIn = (
  series: Series,
  told: ReadonlyMap<string, readonly Range[]>,
  horizon: Horizon,
): readonly Gap[] => {
  const known = (told.get(seriesKey(series)) ?? []).toSorted((a, b) => a.first - b.first);
  return holesIn(series.numbers, horizon).flatMap(({ first, last, ...open }) =>
    without({ first, last }, known).map(
      (range): Gap => ({ kind: 'missing', ...nameOf(series), ...sized(range), ...open }),
    ),
  );
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
 * the leaves that were read, their signatures verified by the caller. `due` is the first day that need
 * not be stated yet. Nothing is held against what lies beyond the {@link Horizon}.
 */
export const gaps = (
  { series }: Pick<Sequences, 'series'>,
  statements: readonly Statement[],
  due: string,
  horizon: Horizon = everything,
): readonly Gap[] => {
  const all = new Map(series.map((one) => [seriesKey(one), one]));
  const { byDay, single, contradicted } = sortOut(statements);
  const days = series.flatMap(({ by, days: own }) => own.map(({ day }) => ({ by, day })));
  const unstated = new Map(days.map((at) => [dayKey(at), at]));
  const compared = comparisons(all, single, horizon);
  const told = toldIn(compared);
  const found: readonly Gap[] = [
    ...compared,
    ...series.flatMap((one) => missingIn(one, told, horizon)),
    ...series.flatMap((one) =>
      one.twice.map((range) => ({ kind: 'twice' as const, ...nameOf(one), ...sized(range) })),
    ),
    ...[...unstated]
      .filter(([key, { day }]) => day < due && !byDay.has(key))
      .filter(([, { day }]) => day >= (horizon.firstDay ?? ''))
      .map(([, at]) => ({ kind: 'no-statement' as const, ...at })),
    ...contradicted.map(({ by, day }) => ({ kind: 'two-statements' as const, by, day })),
  ];
  return found.toSorted((a, b) => ascending(sortKey(a), sortKey(b)));
};
