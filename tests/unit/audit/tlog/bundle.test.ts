import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBundle, maxEntry, parseBundle } from '#shared/audit/tlog/bundle.ts';
import { hex, hexes } from './arbitraries.ts';

const anyEntries = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 256 });

const parsed = (bytes: Uint8Array, width: number): readonly string[] | undefined => {
  const entries = parseBundle(bytes, width);
  return entries === undefined ? undefined : hexes(entries);
};

describe('a bundle', () => {
  it('gives its entries back', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        expect(parsed(formatBundle(entries), entries.length)).toEqual(hexes(entries));
      }),
    );
  });

  it('is each entry behind its length, big-endian in 16 bits', () => {
    const entries = [Uint8Array.of(7), Uint8Array.of(), new Uint8Array(258).fill(9)];
    expect(hex(formatBundle(entries))).toBe(`00010700000102${'09'.repeat(258)}`);
  });

  it('holds an entry of 65,535 bytes, and none of one more', () => {
    const longest = new Uint8Array(maxEntry).fill(1);
    expect(parseBundle(formatBundle([longest, longest]), 2)?.map(({ length }) => length)).toEqual([
      65_535, 65_535,
    ]);
    expect(() => formatBundle([new Uint8Array(maxEntry + 1)])).toThrow(RangeError);
  });

  it('is refused for every width but its own', () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: -1, max: 258 }), (entries, width) => {
        fc.pre(width !== entries.length);
        expect(parseBundle(formatBundle(entries), width)).toBeUndefined();
      }),
    );
  });

  it.each([0, 257, -1, 1.5, Number.NaN])('of width %d there is none', (width) => {
    expect(parseBundle(Uint8Array.of(), width)).toBeUndefined();
    expect(
      parseBundle(formatBundle(Array.from({ length: 257 }, () => Uint8Array.of(1))), width),
    ).toBe(undefined);
  });

  it('cut short anywhere, or with a byte more, is refused', () => {
    fc.assert(
      fc.property(anyEntries, fc.nat(), (entries, seed) => {
        const bytes = formatBundle(entries);
        const shorter = bytes.subarray(0, seed % bytes.length);
        expect(parseBundle(shorter, entries.length)).toBeUndefined();
        expect(
          parseBundle(Buffer.concat([bytes, Uint8Array.of(0)]), entries.length),
        ).toBeUndefined();
      }),
    );
  });

  it('has one spelling: whatever is read is written byte for byte', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 3 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        (numbers, width) => {
          const bytes = Uint8Array.from(numbers);
          const entries = parseBundle(bytes, width);
          expect(hex(entries === undefined ? bytes : formatBundle(entries))).toBe(hex(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
