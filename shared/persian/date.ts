import * as z from 'zod';
import { readDay, writeDay } from './calendar-day.ts';
import { isGregorianDay } from './gregorian.ts';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toNumberInput } from './text.ts';

/** `form`: not a date at all; `year`: out of range; `day`: the calendar has no such day. */
export type DateRefusal = 'form' | 'year' | 'day';

/** Wide enough for every record, and so narrow that no Jalali year passes for a Gregorian one. */
const isYearInRange = (year: number): boolean => year >= 1800 && year <= 2199;

const refusalOf = (text: string): DateRefusal | undefined => {
  if (/^[0-9]{4}$/.test(text)) return isYearInRange(Number(text)) ? undefined : 'year';
  const day = readDay(text);
  if (day === undefined || writeDay(day, '-') !== text) return 'form';
  if (!isYearInRange(day.year)) return 'year';
  return isGregorianDay(day) ? undefined : 'day';
};

/** A canonical birth date: ISO 8601 Gregorian, `YYYY-MM-DD`, or `YYYY` when no more is known. */
export const BirthDate = z
  .stringFormat('ir-birth-date', (text) => refusalOf(text) === undefined, {
    error: 'must be a Gregorian YYYY-MM-DD or YYYY of the years 1800 to 2199',
  })
  .brand<'BirthDate'>();
export type BirthDate = z.infer<typeof BirthDate>;

/** A Gregorian birth date as a person types it: year first, parted by `-`, `/` or `.`. */
export const parseBirthDate = (input: string): Parsed<BirthDate, DateRefusal> => {
  const day = readDay(input);
  const text = day === undefined ? toNumberInput(input) : writeDay(day, '-');
  const refusal = refusalOf(text);
  return refusal === undefined ? accepted(BirthDate.parse(text)) : refused(refusal);
};
