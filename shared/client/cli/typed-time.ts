import { InstantText, toRfc3339 } from '../../kernel/instant-text.ts';
import { readDay, writeDay } from '../../persian/calendar-day.ts';
import { parseJalaliDay } from '../../persian/jalali.ts';
import { type TehranDay, tehranDayAt } from '../../persian/tehran-day.ts';
import { WrongUsage } from './failed-input.ts';

/** Nothing was asked in an earlier year: one before it is of another calendar. */
const firstYear = 1900;

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

const aDay = 'must be a day such as 2027-01-15, or 1405-10-25 in the Solar Hijri calendar';

const wrongTime = (flag: string): WrongUsage =>
  new WrongUsage(`${flag} ${aDay}; or a Gregorian time such as 2027-01-15T08:00:00Z.`);

/** A day of Tehran by its date, from its start or up to its end, or a time with its offset. */
export const instantOf = (
  text: string,
  end: 'from' | 'until',
  flag: string,
  tell: Tell,
): string => {
  if (/[Tt]/.test(text)) {
    // The calendar is judged: `Date.parse` takes the 30th of February for a day in March.
    const time = InstantText.safeParse(text.toUpperCase()).data;
    if (time !== undefined) return toRfc3339(time);
    throw wrongTime(flag);
  }
  const date = dateOf(text, flag, tell);
  const found = date === undefined ? undefined : tehranDayAt(date);
  if (found === undefined) throw wrongTime(flag);
  return toRfc3339(found[end]);
};

/** A day of Tehran by its Gregorian date, as it is typed in the one calendar or the other. */
export const dayOf = (text: string, flag: string, tell: Tell): TehranDay => {
  const date = dateOf(text, flag, tell);
  const day = date === undefined ? undefined : tehranDayAt(date);
  if (day === undefined) throw new WrongUsage(`${flag} ${aDay}.`);
  return day;
};
