import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { filterQuery, withFilterFlags } from '#shared/client/cli/audit/filter-flags.ts';

const now = Date.parse('2027-01-15T12:00:00Z');

/** The times that are asked for, and what a person is told beside the answer. */
const timesOf = (flags: { readonly from?: string; readonly to?: string; readonly id?: string }) => {
  const told: string[] = [];
  const { from, to } = filterQuery(flags, now, (said) => told.push(said));
  return { from, to, told };
};

describe('the times of a filter', () => {
  it('are the last day where none is given, and none where one inquiry is named', () => {
    expect(timesOf({})).toEqual({
      from: '2027-01-14T12:00:00.000Z',
      to: '2027-01-15T12:00:00.000Z',
      told: [],
    });
    expect(timesOf({ id: '01a9b4a5-3800-7abc-9def-0123456789ab' }).from).toBeUndefined();
  });

  it('are days of Tehran, each to its end, and times with their offset', () => {
    expect(timesOf({ from: '2027-01-15', to: '2027-01-15' })).toEqual({
      from: '2027-01-14T20:30:00.000Z',
      to: '2027-01-15T20:30:00.000Z',
      told: [],
    });
    expect(timesOf({ from: '2027-01-15T08:00:00+03:30' }).from).toBe('2027-01-15T04:30:00.000Z');
  });

  it.each(['1405-10-25', '1405/10/25', '۱۴۰۵/۱۰/۲۵'])(
    'may be a day of the Solar Hijri calendar, and that is said: %s',
    (from) => {
      expect(timesOf({ from, to: '2027-01-16' })).toEqual({
        from: '2027-01-14T20:30:00.000Z',
        to: '2027-01-16T20:30:00.000Z',
        told: ['--from: 1405-10-25 is a day of the Solar Hijri calendar, 2027-01-15.\n'],
      });
    },
  );

  it.each([
    '1850-01-01',
    '1405-13-01',
    '1404-12-30',
    '1405-01-01T08:00:00Z',
    '1405-01-01T08:00:00+03:30',
    '2027-02-30',
    '2027-02-30T08:00:00Z',
    '1960-01-01T08:00:00Z',
    '2027-01-15T08:00',
    'yesterday',
    '',
  ])('are refused where they are of neither calendar, or of no offset: %s', (to) => {
    expect(() => timesOf({ to })).toThrow(/^--to must be a day such as .* in the Solar Hijri/);
  });
});

describe('the filters of a command', () => {
  it('are those that what it asks knows', () => {
    const names = (without: Parameters<typeof withFilterFlags>[1]) =>
      withFilterFlags(new Command(), without).options.map(({ long }) => long);
    expect(names([])).toEqual(expect.arrayContaining(['--from', '--by', '--operator', '--id']));
    expect(names(['operator', 'id']).filter((one) => !names([]).includes(one))).toEqual([]);
    expect(names(['operator', 'id'])).not.toContain('--operator');
    expect(names(['operator', 'id'])).not.toContain('--id');
  });
});
