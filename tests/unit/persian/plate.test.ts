import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plate, parsePlate, plateLetters } from '#shared/persian/plate.ts';
import { digits, typed } from './typed.ts';

const plate = fc.record({
  two: digits(2).map((two) => two.join('')),
  letter: fc.constantFrom(...plateLetters),
  three: digits(3).map((three) => three.join('')),
  region: digits(2).map((two) => two.join('')),
});

const example = { two: '12', letter: 'ب', three: '345', region: '67' } as const;

describe('parsePlate', () => {
  it('reads the four fields in any digits and through any noise', () => {
    const inputs = plate.chain((value) =>
      fc.tuple(
        fc.constant(value),
        fc.record({
          two: typed(value.two),
          letter: typed(value.letter),
          three: typed(value.three),
          region: typed(value.region),
        }),
      ),
    );
    fc.assert(
      fc.property(inputs, ([value, input]) => {
        expect(parsePlate(input)).toEqual({ ok: true, value });
      }),
    );
  });

  it.each([
    ['ي', 'ی'],
    ['ك', 'ک'],
    ['هـ', 'ه'],
    ['ا', 'الف'],
    [' الف ', 'الف'],
  ])('reads the letter %j as %j', (letter, canonical) => {
    expect(parsePlate({ ...example, letter })).toEqual({
      ok: true,
      value: { ...example, letter: canonical },
    });
  });

  it.each([
    [{ two: '1' }, 'two'],
    [{ two: '123' }, 'two'],
    [{ letter: 'چ' }, 'letter'],
    [{ letter: 'بب' }, 'letter'],
    [{ letter: 'D' }, 'letter'],
    [{ letter: '' }, 'letter'],
    [{ three: '34' }, 'three'],
    [{ three: '34ب' }, 'three'],
    [{ region: '' }, 'region'],
    [{ region: '678' }, 'region'],
    [{ two: '', region: '' }, 'two'],
  ])('given %j, names the first wrong field: %s', (wrong, reason) => {
    expect(parsePlate({ ...example, ...wrong })).toEqual({ ok: false, reason });
  });
});

describe('plateLetters', () => {
  it('are 24, no two alike, all in the input form', () => {
    expect(new Set(plateLetters).size).toBe(24);
    expect(plateLetters.join('')).not.toMatch(/[يكـ]/);
  });
});

describe('Plate', () => {
  it('accepts what parsePlate gives', () => {
    fc.assert(
      fc.property(plate, (value) => {
        expect(Plate.parse(value)).toEqual(value);
      }),
    );
  });

  it.each([
    { ...example, two: '۱۲' },
    { ...example, letter: 'ا' },
    { ...example, letter: 'ي' },
    { ...example, three: 345 },
    { ...example, country: 'IR' },
    { two: '12', letter: 'ب', three: '345' },
    '12ب34567',
  ])('refuses all but the canonical structure: %j', (value) => {
    expect(Plate.safeParse(value).success).toBe(false);
  });
});
