import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tehranAhead, tehranDayAt, tehranDayOf, tehranDays } from '#shared/persian/tehran-day.ts';

const at = (text: string): number => Date.parse(text);
const hour = 3_600_000;

/** The calendar of the platform, which must say the same. */
const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Tehran' });

const instants = fc.integer({ min: at('1980-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });

describe('a day in Tehran', () => {
  it.each([
    ['2026-11-22', '2026-11-21T20:30:00.000Z', '2026-11-22T20:30:00.000Z', 24],
    ['2022-03-22', '2022-03-21T20:30:00.000Z', '2022-03-22T19:30:00.000Z', 23],
    ['2022-09-21', '2022-09-20T19:30:00.000Z', '2022-09-21T20:30:00.000Z', 25],
  ])('%s begins at %s and ends at %s', (date, from, until, hours) => {
    const found = tehranDayAt(date);
    expect(found).toEqual({ date, from: at(from), until: at(until) });
    expect(at(until) - at(from)).toBe(hours * hour);
  });

  it('changes at its midnight, to the millisecond', () => {
    const midnight = at('2026-11-22T20:30:00Z');
    expect(tehranDayOf(midnight - 1).date).toBe('2026-11-22');
    expect(tehranDayOf(midnight).date).toBe('2026-11-23');
  });

  it('holds its instants, has the date of the calendar, and is followed by the next', () => {
    fc.assert(
      fc.property(instants, (t) => {
        const { date, from, until } = tehranDayOf(t);
        expect(from <= t && t < until).toBe(true);
        expect(calendar.format(t)).toBe(date);
        expect(calendar.format(from)).toBe(date);
        expect(calendar.format(until - 1)).toBe(date);
        expect(tehranDayOf(until).from).toBe(until);
        expect(tehranDayAt(date)).toEqual({ date, from, until });
      }),
    );
  });

  it('is the same however many were asked before', () => {
    fc.assert(
      fc.property(fc.array(instants, { maxLength: 6 }), (times) => {
        const dayOf = tehranDays();
        for (const t of times) expect(dayOf(t)).toEqual(tehranDayOf(t));
      }),
    );
  });

  it.each(['2026-02-30', '2026-13-01', '1405-9', '', 'today'])('is none at %j', (date) => {
    expect(tehranDayAt(date)).toBeUndefined();
  });
});

describe('how far clocks in Tehran are ahead', () => {
  it.each([
    ['2026-11-22T00:00:00Z', 3.5],
    ['2022-06-01T00:00:00Z', 4.5],
    ['2022-03-21T20:29:59.999Z', 3.5],
    ['2022-03-21T20:30:00.000Z', 4.5],
    ['2022-09-21T19:29:59.999Z', 4.5],
    ['2022-09-21T19:30:00.000Z', 3.5],
  ])('at %s: %d hours', (text, hours) => {
    expect(tehranAhead()(at(text))).toBe(hours * hour);
  });

  it('is what makes the date of an instant, whichever was asked before', () => {
    const ahead = tehranAhead();
    fc.assert(
      fc.property(instants, (instant) => {
        const date = new Date(instant + ahead(instant)).toISOString().slice(0, 10);
        expect(date).toBe(calendar.format(instant));
      }),
    );
  });
});
