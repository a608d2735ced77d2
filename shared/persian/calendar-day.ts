import { toNumberInput } from './text.ts';

/** A day of some calendar: month 1..12, day 1..31. */
export type CalendarDay = { readonly year: number; readonly month: number; readonly day: number };

const typedDay = /^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})$/;

/** Reads `1370/5/12`, `1370-05-12` or `1370.05.12`, in any digits; perhaps not a real day. */
export const readDay = (input: string): CalendarDay | undefined => {
  const match = typedDay.exec(toNumberInput(input));
  return match === null
    ? undefined
    : { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]) };
};

/** Writes `1370-05-12`, in ASCII digits. */
export const writeDay = ({ year, month, day }: CalendarDay, separator: '-' | '/'): string =>
  [
    String(year).padStart(4, '0'),
    String(month).padStart(2, '0'),
    String(day).padStart(2, '0'),
  ].join(separator);

export const isSameDay = (a: CalendarDay, b: CalendarDay): boolean =>
  a.year === b.year && a.month === b.month && a.day === b.day;
