import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { openInts, packInts, readInts } from '#shared/audit/index/ints.ts';
import { outcomeOf } from './sample-facts.ts';

const safe = Number.MAX_SAFE_INTEGER;

/** Numbers that need so many bits at most above the least of them. */
const columns = fc.tuple(fc.integer({ min: 0, max: 53 }), fc.maxSafeNat()).chain(([bits, base]) => {
  const most = Math.min(2 ** bits - 1, safe);
  const least = Math.min(base, safe - most);
  return fc.array(
    fc.maxSafeNat().map((n) => least + (n % (most + 1))),
    { maxLength: 70 },
  );
});

describe('packed numbers', () => {
  it('are read again, all of them and each by itself', () => {
    fc.assert(
      fc.property(columns, (numbers) => {
        const block = packInts(numbers);
        const ints = openInts(block, numbers.length, safe);
        expect([...readInts(block, numbers.length)]).toEqual(numbers);
        expect(numbers.map((_, row) => ints.at(row))).toEqual(numbers);
        expect(packInts(numbers)).toEqual(block);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['equal ones', [7, 7, 7], 0],
    ['ones of a bit', [7, 8, 7, 8, 7, 8, 7, 8, 7], 2],
    ['ones of 24 bits', [0, 2 ** 24 - 1], 6],
    ['ones of 25 bits', [0, 2 ** 24], 8],
    ['all that there are', [0, safe], 14],
    ['none', [], 0],
  ])('take no more bytes than they need: %s', (_, numbers, bytes) => {
    expect(packInts(numbers).length).toBe(8 + bytes + 4);
  });

  it.each([[[-1]], [[0.5]], [[Number.NaN]], [[safe + 1]], [[0, Number.POSITIVE_INFINITY]]])(
    'cannot be %s',
    (numbers) => {
      expect(() => packInts(numbers)).toThrow(RangeError);
    },
  );

  it('are told when one exceeds what it may be', () => {
    for (const numbers of [
      [3, 9, 4],
      [3, 9 + 2 ** 30, 4],
    ]) {
      const { at, into } = openInts(packInts(numbers), 3, 8);
      expect([at(0), at(2)]).toEqual([3, 4]);
      expect(() => at(1)).toThrow(IndexInvalid);
      expect(() => into(new Float64Array(3))).toThrow(IndexInvalid);
    }
  });

  it('are told by IndexInvalid when their bytes are none, or read as others that may be', () => {
    const block = packInts([5, 900, 33, 0, 2 ** 20, 77]);
    fc.assert(
      fc.property(fc.nat(block.length - 1), fc.nat(255), fc.nat(9), (at, to, count) => {
        const bent = Uint8Array.from(block);
        bent[at] = to;
        const read = outcomeOf(() => readInts(bent, count, 2 ** 21).every((n) => n <= 2 ** 21));
        expect([true, IndexInvalid.name]).toContain(read);
      }),
    );
  });
});
