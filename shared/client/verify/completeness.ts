import { bucketLength } from '../../audit/address.ts';
import { type Gap, gaps, type Horizon } from '../../audit/completeness/gaps.ts';
import type { Sequences } from '../../audit/completeness/sequences.ts';
import { tehranDayOf } from '../../persian/tehran-day.ts';
import { lateness } from './change-order.ts';
import { type Check, failed, noted, passed, skipped } from './failure.ts';
import { count } from './fsck-checks.ts';
import type { LogSeen } from './log-tally.ts';

export const gapKinds = [
  'missing',
  'unlogged',
  'unstated',
  'twice',
  'no-statement',
  'two-statements',
] as const satisfies readonly Gap['kind'][];

/** How many gaps of a kind, how many numbers in them, and how many of the gaps are open. */
export type GapCount = {
  readonly kind: Gap['kind'];
  readonly gaps: number;
  readonly numbers: number;
  readonly open: number;
};

/** Whether anything is missing, as far as sequence numbers and statements tell. */
export type Completeness = {
  /** Runs of numbers: those of stations, and those of agencies' answers. */
  readonly series: number;
  /** Statements whose signature is right. */
  readonly statements: number;
  /** Kinds of which there is none are not in it. */
  readonly counts: readonly GapCount[];
  readonly gaps: readonly Gap[];
};

/** Whose numbers must all be in what was read, and between which times. */
export type Expected = {
  readonly isWhole: (by: string) => boolean;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Milliseconds after which a leaf can come no more. */
const lateTime = lateness * bucketLength;

const dateOf = (instant: number): string => tehranDayOf(instant).date;

const latestOf = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
};

/** The first day that begins at an instant or behind it. */
const dayFrom = (instant: number): string => {
  const day = tehranDayOf(instant);
  return day.from === instant ? day.date : dateOf(day.until);
};

/** Whether all logs of the exchange were read; undefined when their number is not known. */
const areAll = (logs: readonly LogSeen[]): boolean | undefined => {
  const shards = latestOf(logs.map((log) => log.shards));
  if (shards === undefined) return undefined;
  return shards === 1 || new Set(logs.map(({ shard }) => shard)).size === shards;
};

const horizonOf = (logs: readonly LogSeen[], { from, to }: Expected): Horizon => {
  const since = latestOf([...logs.map((log) => log.since), from]);
  const until = Math.min(
    ...logs.map(({ latest }) => latest - lateTime),
    to ?? Number.POSITIVE_INFINITY,
  );
  return {
    since,
    until,
    ...(since !== undefined && { firstDay: dayFrom(since) }),
    openDay: until <= 0 ? '' : dateOf(until),
  };
};

/** Nothing can be held against numbers of which some may be in a log that was not read. */
const nothingKnown: Horizon = { until: Number.NEGATIVE_INFINITY, openDay: '' };

/** The first day that need not be stated yet: the one before the day at which what was read ends. */
const dueIn = (logs: readonly LogSeen[], { to }: Expected): string => {
  const latest = Math.min(...logs.map((log) => log.latest), to ?? Number.POSITIVE_INFINITY);
  if (logs.some(({ toEnd }) => !toEnd) || latest <= 0) return '';
  return dateOf(tehranDayOf(latest).from - 1);
};

const countsOf = (all: readonly Gap[]): readonly GapCount[] =>
  gapKinds.flatMap((kind) => {
    const own = all.filter((gap) => gap.kind === kind);
    if (own.length === 0) return [];
    const numbers = own.reduce((sum, gap) => sum + ('n' in gap ? gap.n : 0), 0);
    return [{ kind, gaps: own.length, numbers, open: own.filter(({ open }) => open).length }];
  });

/**
 * What is missing by the numbers and the statements of the logs that were read; undefined when some
 * logs of the exchange were not, for numbers run over all of them.
 */
export const completenessOf = (
  logs: readonly LogSeen[],
  { series }: Sequences,
  expected: Expected = { isWhole: () => true },
  hasStatements = true,
): Completeness | undefined => {
  const all = areAll(logs);
  if (all === false || logs.length === 0) return undefined;
  const whole = series.filter(({ by }) => expected.isWhole(by));
  const statements = logs.flatMap((log) => log.statements).filter(({ by }) => expected.isWhole(by));
  const horizon = all === true ? horizonOf(logs, expected) : nothingKnown;
  const due = all === true && hasStatements ? dueIn(logs, expected) : '';
  const found = gaps({ series: whole }, statements, due, horizon);
  return {
    series: whole.length,
    statements: statements.length,
    counts: countsOf(found),
    gaps: found,
  };
};

const gapNames: Readonly<Record<Gap['kind'], string>> = {
  missing: 'missing between others',
  unlogged: 'stated and not in the log',
  unstated: 'in the log and not stated',
  twice: 'used twice',
  'no-statement': 'not stated',
  'two-statements': 'stated in two ways',
};

const countText = ({ kind, gaps: many, numbers }: GapCount): string =>
  numbers > 0
    ? `${count(numbers, 'number')} ${gapNames[kind]}`
    : `${count(many, 'day')} ${gapNames[kind]}`;

const name = 'completeness';

/** What is said of it; `isAsked`: a gap that cannot be filled any more is a failure then. */
export const completenessCheck = (found: Completeness | undefined, isAsked: boolean): Check => {
  if (found === undefined) {
    return skipped(name, 'numbers run over all logs of the exchange, and this is not all of them');
  }
  const { series, statements, counts } = found;
  const right = `${count(series, 'run', 'runs')} of numbers, ${count(statements, 'signed statement')}`;
  if (counts.length === 0) return passed(name, `${right}: no gap`);
  const open = counts.reduce((sum, one) => sum + one.open, 0);
  const closed = counts.reduce((sum, one) => sum + one.gaps, 0) - open;
  const may = open === 0 ? '' : `; ${count(open, 'gap')} of these may still be filled`;
  const detail = `${right}: ${counts.map(countText).join(', ')}${may}`;
  return isAsked && closed > 0 ? failed(name, 'gap', detail) : noted(name, detail);
};
