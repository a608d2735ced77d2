import { type CalendarDay, isSameDay, readDay, writeDay } from './calendar-day.ts';
import { BirthDate, type DateRefusal } from './date.ts';
import { fromEpochDay, toEpochDay } from './gregorian.ts';
import { accepted, type Parsed, refused } from './parsed.ts';

const millisecondsInDay = 86_400_000;

const persianCalendar = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {
  timeZone: 'UTC',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
});

const toJalali = (epochDay: number): CalendarDay => {
  const parts = persianCalendar.formatToParts(epochDay * millisecondsInDay);
  const numberOf = (type: 'year' | 'month' | 'day'): number =>
    Number(parts.find((part) => part.type === type)?.value);
  return { year: numberOf('year'), month: numberOf('month'), day: numberOf('day') };
};

/**
 * The years for which the 33-year rule of `Intl` (ICU) is the astronomical calendar in force;
 * past 1501 versions of ICU differ from one another.
 */
const isYearInRange = (year: number): boolean => year >= 1206 && year <= 1501;

/** Counted from 19 March of the year + 621, before which no 1 Farvardin falls. */
const earliestEpochDay = ({ year, month, day }: CalendarDay): number => {
  const daysBeforeMonth = 30 * (month - 1) + Math.min(month - 1, 6);
  return toEpochDay({ year: year + 621, month: 3, day: 19 }) + daysBeforeMonth + day - 1;
};

/** The epoch day of a Jalali day, which `Intl` confirms; undefined if there is no such day. */
const fromJalali = (day: CalendarDay): number | undefined =>
  [0, 1, 2, 3, 4]
    .map((later) => earliestEpochDay(day) + later)
    .find((epochDay) => isSameDay(toJalali(epochDay), day));

/** A Jalali day as a person types it, `۱۳۷۰/۵/۱۲`, to the Gregorian date on which it fell, `1991-08-03`. */
export const parseJalaliDay = (input: string): Parsed<string, DateRefusal> => {
  const day = readDay(input);
  if (day === undefined) return refused('form');
  if (!isYearInRange(day.year)) return refused('year');
  const epochDay = fromJalali(day);
  return epochDay === undefined ? refused('day') : accepted(writeDay(fromEpochDay(epochDay), '-'));
};

/**
 * The same of a birth date. A year alone is refused: it lies in two Gregorian years and no one of them is
 * right.
 */
export const parseJalaliBirthDate = (input: string): Parsed<BirthDate, DateRefusal> => {
  const day = parseJalaliDay(input);
  return day.ok ? accepted(BirthDate.parse(day.value)) : day;
};

/** The Jalali day of a full Gregorian date, `1370/05/12`; undefined when only the year is known. */
export const formatJalaliBirthDate = (date: BirthDate): string | undefined => {
  const day = readDay(date);
  return day === undefined ? undefined : writeDay(toJalali(toEpochDay(day)), '/');
};
