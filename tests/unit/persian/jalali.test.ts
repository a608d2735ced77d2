import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BirthDate } from '#shared/persian/date.ts';
import { formatJalaliBirthDate, parseJalaliBirthDate } from '#shared/persian/jalali.ts';
import { typedNumber } from './typed.ts';

/** The leap years of the 33-year cycle, by their place in it. */
const isLeap = (year: number): boolean => [1, 5, 9, 13, 17, 22, 26, 30].includes(year % 33);

const pad = (n: number): string => String(n).padStart(2, '0');

const jalaliDay = fc
  .record({
    year: fc.integer({ min: 1206, max: 1501 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
  })
  .filter(({ year, month, day }) => day <= (month <= 6 ? 31 : month < 12 || isLeap(year) ? 30 : 29))
  .map(({ year, month, day }) => `${year}/${pad(month)}/${pad(day)}`);

const isoOf = (input: string): string => {
  const result = parseJalaliBirthDate(input);
  return result.ok ? result.value : result.reason;
};

describe('parseJalaliBirthDate', () => {
  it.each([
    ['1348/10/11', '1970-01-01'],
    ['1357/11/22', '1979-02-11'],
    ['1370/05/12', '1991-08-03'],
    ['1399/12/30', '2021-03-20'],
    ['1400/01/01', '2021-03-21'],
    ['1403/12/30', '2025-03-20'],
    ['1404/01/01', '2025-03-21'],
    ['1404/08/30', '2025-11-21'],
    ['۱۳۷۰/۵/۱۲', '1991-08-03'],
    ['١٣٧٠-٥-١٢', '1991-08-03'],
  ])('reads %s as %s', (jalali, iso) => {
    expect(parseJalaliBirthDate(jalali)).toEqual({ ok: true, value: iso });
  });

  it.each([
    ['1370', 'form'],
    ['12/5/1370', 'form'],
    ['1991-08-03', 'year'],
    ['1205/12/29', 'year'],
    ['1502/01/01', 'year'],
    ['1404/12/30', 'day'],
    ['1402/12/30', 'day'],
    ['1403/07/31', 'day'],
    ['1403/06/32', 'day'],
    ['1403/13/01', 'day'],
    ['1403/00/01', 'day'],
    ['1403/01/00', 'day'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseJalaliBirthDate(input)).toEqual({ ok: false, reason });
  });

  it('has 30 Esfand in the leap years of the 33-year cycle and in no other', () => {
    for (let year = 1206; year <= 1501; year += 1) {
      expect([year, parseJalaliBirthDate(`${year}/12/30`).ok]).toEqual([year, isLeap(year)]);
    }
  });

  it('loses and doubles no day: each year begins on the morrow of the last one', () => {
    for (let year = 1206; year < 1501; year += 1) {
      const last = isoOf(`${year}/12/${isLeap(year) ? 30 : 29}`);
      const first = isoOf(`${year + 1}/01/01`);
      expect(Date.parse(first) - Date.parse(last)).toBe(86_400_000);
    }
  });

  it('reads the same day from three digit sets and through unseen noise', () => {
    fc.assert(
      fc.property(
        jalaliDay.chain((day) => fc.tuple(fc.constant(day), typedNumber(day))),
        ([day, input]) => {
          expect(parseJalaliBirthDate(input)).toEqual(parseJalaliBirthDate(day));
        },
      ),
    );
  });
});

describe('formatJalaliBirthDate', () => {
  it('says nothing of a date of which only the year is known', () => {
    expect(formatJalaliBirthDate(BirthDate.parse('1991'))).toBeUndefined();
  });

  it('undoes parseJalaliBirthDate', () => {
    fc.assert(
      fc.property(jalaliDay, (day) => {
        expect(formatJalaliBirthDate(BirthDate.parse(isoOf(day)))).toBe(day);
      }),
    );
  });
});
