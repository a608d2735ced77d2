import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromEpochDay, isGregorianDay, toEpochDay } from '#shared/persian/gregorian.ts';

const epochDay = fc.integer({ min: -500_000, max: 500_000 });

describe('fromEpochDay and toEpochDay', () => {
  it('agree with the platform', () => {
    fc.assert(
      fc.property(epochDay, (n) => {
        const date = new Date(n * 86_400_000);
        expect(fromEpochDay(n)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('undo one another', () => {
    fc.assert(
      fc.property(epochDay, (n) => {
        expect(toEpochDay(fromEpochDay(n))).toBe(n);
      }),
    );
  });
});

describe('isGregorianDay', () => {
  it('agrees with the platform for any year, month and day', () => {
    const day = fc.record({
      year: fc.integer({ min: 1, max: 3000 }),
      month: fc.integer({ min: 0, max: 99 }),
      day: fc.integer({ min: 0, max: 99 }),
    });
    const plausible = fc.record({
      year: fc.integer({ min: 1, max: 3000 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 27, max: 32 }),
    });
    fc.assert(
      fc.property(fc.oneof(day, plausible), (candidate) => {
        const date = new Date(0);
        date.setUTCFullYear(candidate.year, candidate.month - 1, candidate.day);
        const exists =
          date.getUTCFullYear() === candidate.year &&
          date.getUTCMonth() + 1 === candidate.month &&
          date.getUTCDate() === candidate.day;
        expect(isGregorianDay(candidate)).toBe(exists);
      }),
      { numRuns: 2000 },
    );
  });
});
