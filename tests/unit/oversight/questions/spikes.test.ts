import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, spikes, usualOf } from '#shared/oversight/questions/spikes.ts';
import { answerOf, at, type Made } from './walk-stage.ts';

const day = 86_400_000;
/** Midnight in Tehran. */
const begin = at('2027-01-14T20:30:00Z');

/** So many inquiries of a counter on each of some days, the last of them the 15th of January. */
const daily = (counts: readonly number[], counter = 'counter:1'): readonly Made[] =>
  counts.flatMap((n, at_) =>
    Array.from(
      { length: n },
      (_, k): Made => ({
        t: begin - (counts.length - 1 - at_) * day + 8 * 3_600_000 + k,
        counter,
      }),
    ),
  );

const usually = (n: number, last: number): readonly number[] => [
  ...Array.from({ length: 28 }, () => n),
  last,
];

const found = async (
  made: readonly Made[],
  given: Readonly<Record<string, string>> = {},
  span = { from: begin, until: begin + day },
) => (await answerOf(spikes, made, { ...span, given })).findings;

describe('a day unlike a counter’s own history', () => {
  it('is told with what is usual and how far it is from that', async () => {
    expect(await found(daily(usually(4, 30)))).toEqual([
      {
        counter: 'counter:1',
        day: '2027-01-15',
        n: 30,
        median: 4,
        spread: 2,
        times: 13,
        why: '30 inquiries in one day, where 4 are usual and 2 more or less are nothing: 13 times that.',
      },
    ]);
  });

  it.each<[string, readonly number[], number]>([
    ['five times what is nothing', usually(25, 50), 0],
    ['a bit more', usually(25, 51), 1],
    ['a busy counter as busy as ever', usually(60, 60), 0],
    ['a busy counter that varies much', [...usually(0, 0).map((_, n) => (n % 2) * 60), 90], 0],
    ['few, though more than ever', usually(0, 19), 0],
    ['the first day of a counter', [20], 1],
    ['one day like it long ago', [60, ...usually(5, 60).slice(1)], 1],
  ])('%s', async (_, counts, expected) => {
    expect(await found(daily(counts))).toHaveLength(expected);
  });

  it('is measured by other bounds where they are given', async () => {
    const made = daily(usually(4, 10));
    expect(await found(made)).toEqual([]);
    expect(await found(made, { 'at-least': '10', times: '2' })).toHaveLength(1);
  });

  it('is a whole day: what begins or ends within the time that is asked is none', async () => {
    const made = daily(usually(4, 40));
    expect(await found(made, {}, { from: begin + 1, until: begin + day })).toEqual([]);
    expect(await found(made, {}, { from: begin, until: begin + day - 1 })).toEqual([]);
    expect(await found(made, {}, { from: begin - day + 1, until: begin + day })).toHaveLength(1);
  });

  it('is told of each day of a year, and nothing is told of more days than that', async () => {
    const year = 366 * day;
    const made = daily([30]).map((one) => ({ ...one, t: one.t + year - day }));
    expect(await found(made, {}, { from: begin, until: begin + year })).toHaveLength(1);
    await expect(found(made, {}, { from: begin, until: begin + year + day })).rejects.toMatchObject(
      { name: 'invalid-query' },
    );
    await expect(found([], {}, { from: 0, until: Date.UTC(9999, 11, 31) })).rejects.toMatchObject({
      name: 'invalid-query',
    });
  });

  it('is of one counter: the days of others are not its history', async () => {
    const made = [...daily(usually(40, 40), 'counter:2'), ...daily([30])];
    expect((await found(made)).map(({ counter }) => counter)).toEqual(['counter:1']);
  });

  it('is told with the strangest first', async () => {
    const made = [...daily(usually(4, 40)), ...daily(usually(4, 60), 'counter:2')];
    expect((await found(made)).map(({ counter }) => counter)).toEqual(['counter:2', 'counter:1']);
  });
});

describe('the middle of numbers', () => {
  it('is one that as many lie below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 30 }), (all) => {
        const middle = median(all);
        const below = all.filter((n) => n < middle).length;
        const above = all.filter((n) => n > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(all.length / 2);
      }),
    );
  });

  it('varies by at least its root, and by at least one', () => {
    expect(usualOf([0, 0, 0])).toEqual({ median: 0, spread: 1 });
    expect(usualOf([100, 100, 100])).toEqual({ median: 100, spread: 10 });
    expect(usualOf([0, 100, 200])).toEqual({ median: 100, spread: 148.26 });
  });
});
