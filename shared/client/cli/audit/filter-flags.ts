import type { Command } from 'commander';
import { toRfc3339 } from '../../../kernel/instant-text.ts';
import type { Query } from '../../route.ts';
import { instantOf, type Tell } from '../typed-time.ts';

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
