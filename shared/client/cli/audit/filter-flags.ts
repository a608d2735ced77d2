import type { Command } from 'commander';
import { toRfc3339 } from '../../../kernel/instant-text.ts';
import { readDay, writeDay } from '../../../persian/calendar-day.ts';
import { parseJalaliDay } from '../../../persian/jalali.ts';
import { tehranDayAt } from '../../../persian/tehran-day.ts';
import type { Query } from '../../route.ts';
import { WrongUsage } from '../failed-input.ts';

/** What entries are filtered by, as it is typed; the exchange judges the words. */
export type FilterFlags = {
  readonly from?: string;
  readonly to?: string;
} & Readonly<Partial<Record<Word, string>>>;

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
type Word = (typeof words)[number];

const meaning: Readonly<Partial<Record<Word, string>>> = {
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

/** Nothing was asked in an earlier year: one before it is of another calendar. */
const firstYear = 1900;

/** The first number of a day or a time, in whatever digits: its year. */
const yearIn = (text: string): number => readDay(text.slice(0, 10))?.year ?? Number.NaN;

/** Tells a person something beside the answer. */
export type Tell = (said: string) => void;

/** The Gregorian date of a day as it is typed, in the one calendar or the other. */
const dateOf = (text: string, flag: string, tell: Tell): string | undefined => {
  const day = readDay(text);
  if (day === undefined || day.year >= firstYear) return text;
  const found = parseJalaliDay(text);
  if (!found.ok) return undefined;
  tell(`${flag}: ${writeDay(day, '-')} is a day of the Solar Hijri calendar, ${found.value}.\n`);
  return found.value;
};

const wrongTime = (flag: string): WrongUsage =>
  new WrongUsage(
    `${flag} must be a day such as 2027-01-15, or 1405-10-25 in the Solar Hijri calendar; ` +
      'or a Gregorian time such as 2027-01-15T08:00:00Z.',
  );

/** A day of Tehran by its date, from its start or up to its end, or a time with its offset. */
const instantOf = (text: string, end: 'from' | 'until', flag: string, tell: Tell): string => {
  if (/[Tt]/.test(text)) {
    const time = Date.parse(text);
    const hasOffset = /[Tt].*(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/.test(text);
    const isGregorian = yearIn(text) >= firstYear;
    if (hasOffset && isGregorian && Number.isFinite(time)) return toRfc3339(time);
    throw wrongTime(flag);
  }
  const date = dateOf(text, flag, tell);
  const found = date === undefined ? undefined : tehranDayAt(date);
  if (found === undefined) throw wrongTime(flag);
  return toRfc3339(found[end]);
};

/**
 * The filter as a query of the exchange; the last 24 hours where no time is given. `tell` is told which
 * calendar was understood where it is not the Gregorian one.
 */
export const filterQuery = (flags: FilterFlags, now: number, tell: Tell): Query => {
  const named = Object.fromEntries(words.map((name) => [name, flags[name]]));
  if (flags.id !== undefined && flags.from === undefined && flags.to === undefined) return named;
  const to = flags.to === undefined ? toRfc3339(now) : instantOf(flags.to, 'until', '--to', tell);
  const from =
    flags.from === undefined
      ? toRfc3339(Date.parse(to) - usual)
      : instantOf(flags.from, 'from', '--from', tell);
  return { ...named, from, to };
};

/** Whether anything is filtered by. */
export const namesFilter = (flags: FilterFlags): boolean =>
  [...words, 'from' as const, 'to' as const].some((name) => flags[name] !== undefined);

/** Offers the filters of a command, but for those that what it asks does not know. */
export const withFilterFlags = (command: Command, without: readonly Word[] = []): Command => {
  command
    .option(
      '--from <time>',
      'a day in Tehran, Gregorian or Solar Hijri, or a time; 24 hours before --to',
    )
    .option('--to <time>', 'the same; a day is meant to its end; now by default');
  for (const name of words) {
    if (without.includes(name)) continue;
    command.option(`--${name} <text>`, meaning[name] ?? `this ${name}`);
  }
  return command;
};
