import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BirthDate, parseBirthDate } from '#shared/persian/date.ts';
import { typedNumber } from './typed.ts';

const isoDay = fc
  .date({
    min: new Date('1800-01-01T00:00:00Z'),
    max: new Date('2199-12-31T23:59:59Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10));

describe('parseBirthDate', () => {
  it('accepts every day of the years 1800 to 2199 as it stands', () => {
    fc.assert(
      fc.property(isoDay, (day) => {
        expect(parseBirthDate(day)).toEqual({ ok: true, value: day });
      }),
    );
  });

  it('accepts a year alone', () => {
    expect(parseBirthDate('۱۹۹۱')).toEqual({ ok: true, value: '1991' });
  });

  it('reads three digit sets, three separators, short months and days, any unseen noise', () => {
    const inputs = fc
      .tuple(isoDay, fc.constantFrom('-', '/', '.'), fc.boolean())
      .chain(([day, separator, short]) => {
        const fields = day.split('-').map((field) => (short ? String(Number(field)) : field));
        return fc.tuple(fc.constant(day), typedNumber(fields.join(separator)));
      });
    fc.assert(
      fc.property(inputs, ([day, input]) => {
        expect(parseBirthDate(input)).toEqual({ ok: true, value: day });
      }),
    );
  });

  it.each([
    ['', 'form'],
    ['03/08/1991', 'form'],
    ['1991-08/03', 'form'],
    ['1991-08', 'form'],
    ['19910803', 'form'],
    ['91-08-03', 'form'],
    ['1991-08-03T00:00:00Z', 'form'],
    ['1370-05-12', 'year'],
    ['1370', 'year'],
    ['1799-12-31', 'year'],
    ['2200-01-01', 'year'],
    ['1991-02-29', 'day'],
    ['1900-02-29', 'day'],
    ['1991-04-31', 'day'],
    ['1991-13-01', 'day'],
    ['1991-00-10', 'day'],
    ['1991-01-00', 'day'],
  ])('refuses %j: %s', (input, reason) => {
    expect(parseBirthDate(input)).toEqual({ ok: false, reason });
  });

  it('accepts 29 February in leap years', () => {
    expect(parseBirthDate('2000-02-29').ok).toBe(true);
    expect(parseBirthDate('2024-02-29').ok).toBe(true);
  });
});

describe('BirthDate', () => {
  it('is canonical text only', () => {
    expect(BirthDate.safeParse('1991-08-03').success).toBe(true);
    expect(BirthDate.safeParse('1991').success).toBe(true);
    expect(BirthDate.safeParse('1991-8-3').success).toBe(false);
    expect(BirthDate.safeParse('1991/08/03').success).toBe(false);
    expect(BirthDate.safeParse('۱۹۹۱-۰۸-۰۳').success).toBe(false);
    expect(BirthDate.safeParse(' 1991-08-03').success).toBe(false);
  });
});
