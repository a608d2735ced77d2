import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countIn,
  numberSet,
  type Range,
  within,
  without,
} from '#shared/audit/completeness/ranges.ts';

const setOf = (numbers: readonly number[]): readonly Range[] => {
  const set = numberSet();
  for (const number of numbers) set.add(number);
  return set.ranges();
};

const listed = (ranges: readonly Range[]): readonly number[] =>
  ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n),
  );

const someNumbers = fc.array(fc.integer({ min: 1, max: 60 }));
const someRange = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 20 }))
  .map(([first, more]): Range => ({ first, last: first + more }));

const distinct = (numbers: readonly number[]): readonly number[] =>
  [...new Set(numbers)].toSorted((a, b) => a - b);

describe('a set of numbers', () => {
  it('is kept as the ranges that it falls into', () => {
    expect(setOf([5, 1, 2, 9, 4, 3])).toEqual([
      { first: 1, last: 5 },
      { first: 9, last: 9 },
    ]);
  });

  it('says of each number whether it is new', () => {
    const set = numberSet();
    expect([3, 4, 3, 2, 4].map((number) => set.add(number))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('holds what was added and nothing else, in as few ranges as there are', () => {
    fc.assert(
      fc.property(someNumbers, (numbers) => {
        const ranges = setOf(numbers);
        expect(listed(ranges)).toEqual(distinct(numbers));
        expect(countIn(ranges)).toBe(distinct(numbers).length);
        const apart = ranges.every(
          ({ first }, n) => n === 0 || first > (ranges[n - 1]?.last ?? 0) + 1,
        );
        expect(apart).toBe(true);
      }),
    );
  });

  it('of a million numbers without a gap is one range', () => {
    const set = numberSet();
    for (let number = 1; number <= 1_000_000; number += 1) set.add(number);
    expect(set.ranges()).toEqual([{ first: 1, last: 1_000_000 }]);
  });

  it('and a range fall into what is within and what is without', () => {
    fc.assert(
      fc.property(someNumbers, someRange, (numbers, whole) => {
        const ranges = setOf(numbers);
        const inside = distinct(numbers).filter((n) => n >= whole.first && n <= whole.last);
        const outside = listed([whole]).filter((n) => !numbers.includes(n));
        expect(listed(within(whole, ranges))).toEqual(inside);
        expect(listed(without(whole, ranges))).toEqual(outside);
      }),
    );
  });
});
