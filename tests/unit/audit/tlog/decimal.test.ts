import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUint64, toSafe } from '#shared/audit/tlog/decimal.ts';
import { anyUint64 } from './arbitraries.ts';

describe('parseUint64', () => {
  it('reads every number of 64 bits', () => {
    fc.assert(
      fc.property(anyUint64, (value) => {
        expect(parseUint64(String(value))).toBe(value);
      }),
    );
  });

  it.each([
    ['0', 0n],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ])('reads %s exactly', (text, value) => {
    expect(parseUint64(text)).toBe(value);
  });

  it.each([
    '',
    '00',
    '01',
    '007',
    '-1',
    '-0',
    '+1',
    ' 1',
    '1 ',
    '1\n',
    '1.0',
    '1e3',
    '0x1',
    '1_000',
    '1n',
    '١',
    '18446744073709551616',
    '99999999999999999999',
    '100000000000000000000',
  ])('refuses %j', (text) => {
    expect(parseUint64(text)).toBeUndefined();
  });

  it('no two texts stand for one number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9+ -]{0,4}$/), (text) => {
        const value = parseUint64(text);
        expect(value === undefined ? text : String(value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('toSafe', () => {
  it.each([
    [0n, 0],
    [2n ** 53n - 1n, Number.MAX_SAFE_INTEGER],
    [2n ** 53n, undefined],
    [2n ** 64n - 1n, undefined],
    [-1n, undefined],
  ])('of %s is %s', (value, number) => {
    expect(toSafe(value)).toBe(number);
  });
});
