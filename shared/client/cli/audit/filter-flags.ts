import type { Command } from 'commander';
import { tehranDayAt } from '../../../persian/tehran-day.ts';
import type { Query } from '../../route.ts';
import { WrongUsage } from '../failed-input.ts';

/** What entries are filtered by, as it is typed; the exchange judges the words. */
export type FilterFlags = {
  readonly from?: string;
  readonly to?: string;
} & Readonly<Partial<Record<(typeof words)[number], string>>>;

const words = [
  'counter',
  'by',
  'agency',
  'service',
  'purpose',
  'basis',
  'station',
  'presence',
  'effect',
  'rule',
  'outcome',
  'province',
  'operator',
  'id',
] as const;

const meaning: Readonly<Partial<Record<(typeof words)[number], string>>> = {
  counter: 'asked for this counter',
  by: 'signed by this guild or vendor in its place',
  agency: 'asked of this agency',
  service: 'this service, with or without its version',
  effect: 'allow or deny',
  rule: 'decided by this rule',
  province: 'of the counter, by its licence',
  operator: 'the pseudonym of an operator, as entries show it',
  id: 'one inquiry',
};

/** Milliseconds of the time that is meant where nothing is said. */
const usual = 24 * 3_600_000;

const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** A day of Tehran by its date, from its start or up to its end, or a time with its offset. */
const instantOf = (text: string, end: 'from' | 'until', flag: string): string => {
  if (day.test(text)) {
    const found = tehranDayAt(text);
    if (found !== undefined) return new Date(found[end]).toISOString();
  } else {
    const time = Date.parse(text);
    const hasOffset = /[Tt].*(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/.test(text);
    if (hasOffset && Number.isFinite(time)) return new Date(time).toISOString();
  }
  throw new WrongUsage(
    `${flag} must be a day such as 2027-01-15, or a time such as 2027-01-15T08:00:00Z.`,
  );
};

/** The filter as a query of the exchange; the last 24 hours where no time is given. */
export const filterQuery = (flags: FilterFlags, now: number): Query => {
  const named = Object.fromEntries(words.map((name) => [name, flags[name]]));
  if (flags.id !== undefined && flags.from === undefined && flags.to === undefined) return named;
  const to =
    flags.to === undefined ? new Date(now).toISOString() : instantOf(flags.to, 'until', '--to');
  const from =
    flags.from === undefined
      ? new Date(Date.parse(to) - usual).toISOString()
      : instantOf(flags.from, 'from', '--from');
  return { ...named, from, to };
};

/** Whether anything is filtered by. */
export const namesFilter = (flags: FilterFlags): boolean =>
  [...words, 'from' as const, 'to' as const].some((name) => flags[name] !== undefined);

export const withFilterFlags = (command: Command): Command => {
  command
    .option('--from <time>', 'a day in Tehran by its date, or a time; 24 hours before --to')
    .option('--to <time>', 'the same; a day is meant to its end; now by default');
  for (const name of words) command.option(`--${name} <text>`, meaning[name] ?? `this ${name}`);
  return command;
};
