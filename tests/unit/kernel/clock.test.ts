import { expect, it } from 'vitest';
import { numericDate } from '#shared/kernel/clock.ts';

it.each([
  [0, 0],
  [999, 0],
  [1000, 1],
  [1_800_000_000_999, 1_800_000_000],
])('%i milliseconds are second %i', (milliseconds, seconds) => {
  expect(numericDate(milliseconds)).toBe(seconds);
});
