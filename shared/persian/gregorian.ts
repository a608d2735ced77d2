import { type CalendarDay, isSameDay } from './calendar-day.ts';

/** Days from 0000-03-01 to 1970-01-01. */
const epochShift = 719_468;
const daysInEra = 146_097;

const daysBeforeMonth = (monthFromMarch: number): number =>
  Math.floor((153 * monthFromMarch + 2) / 5);

const daysBeforeYear = (year: number): number =>
  365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);

/**
 * Whole days from 1970-01-01 to a Gregorian day, after H. Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms": the year is counted from March, so that the leap day is its last.
 */
export const toEpochDay = ({ year, month, day }: CalendarDay): number =>
  daysBeforeYear(month > 2 ? year : year - 1) +
  daysBeforeMonth((month + 9) % 12) +
  (day - 1) -
  epochShift;

/** The Gregorian day that lies so many whole days after 1970-01-01. */
export const fromEpochDay = (epochDay: number): CalendarDay => {
  const era = Math.floor((epochDay + epochShift) / daysInEra);
  const dayOfEra = epochDay + epochShift - era * daysInEra;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - daysBeforeYear(yearOfEra);
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: era * 400 + yearOfEra + (month > 2 ? 0 : 1),
    month,
    day: dayOfYear - daysBeforeMonth(monthFromMarch) + 1,
  };
};

/** Whether the Gregorian calendar has this day. */
export const isGregorianDay = (day: CalendarDay): boolean =>
  isSameDay(fromEpochDay(toEpochDay(day)), day);
