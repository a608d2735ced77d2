import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '#shared/registry/plain-text.ts';
import { Reason } from '#shared/registry/reason.ts';

const takes = (text: unknown): boolean => Reason.safeParse(text).success;

describe('a reason', () => {
  it('is taken without the space around it', () => {
    expect(Reason.parse('  بازدید حضوری  ')).toBe('بازدید حضوری');
  });

  it.each([
    ['3 characters', 'ابج', true],
    ['300 characters', 'ا'.repeat(300), true],
    ['2 characters', 'اب', false],
    ['2 characters and space', ' اب ', false],
    ['301 characters', 'ا'.repeat(301), false],
    ['space', '     ', false],
    ['a ZWNJ', 'می‌شود', true],
    ['a line break', 'بازدید\nحضوری', false],
    ['an override', 'بازدید\u202Eحضوری', false],
    ['no text', 123, false],
  ])('of %s', (_, text, taken) => {
    expect(takes(text)).toBe(taken);
  });

  it.each([
    ['ASCII', '0123456789'],
    ['Persian', '۰۱۲۳۴۵۶۷۸۹'],
    ['Arabic', '٠١٢٣٤٥٦٧٨٩'],
    ['Devanagari', '०१२३४५६७८९'],
    ['full-width', '０１２３４５６７８９'],
    ['circled', '⓪①②③④⑤⑥⑦⑧⑨'],
  ])('holds at most eight %s digits in a row', (_, digits) => {
    expect(takes(`نامهٔ ${digits.slice(0, 8)} رسید`)).toBe(true);
    expect(takes(`نامهٔ ${digits.slice(0, 9)} رسید`)).toBe(false);
    expect(takes(`نامهٔ ${digits} رسید`)).toBe(false);
  });

  it.each([
    [' '],
    ['-'],
    ['/'],
    ['.'],
    ['،'],
    ['٬'],
    ['_'],
    [' - '],
    ['+'],
    ['='],
    ['👤'],
    // ZWNJ, a soft hyphen, tatweel, a vowel sign, a Hangul filler.
    ['\u200C'],
    ['\u00AD'],
    ['\u0640'],
    ['\u064B'],
    ['\u3164'],
  ])('holds no nine digits that only %j parts', (separator) => {
    const parted = (digits: string): string => Array.from(digits).join(separator);

    expect(takes(parted('04993708'))).toBe(true);
    expect(takes(parted('049937089'))).toBe(false);
    expect(takes(`کد ${parted('۰۴۹۹۳۷۰۸۹۹')} است`)).toBe(false);
  });

  it('may hold more digits with words among them', () => {
    expect(takes('از 1405/02/03 تا 1405/03/04')).toBe(true);
  });

  it('never lets a national id through, however its digits are written', () => {
    const zeros = [0x30, 0x660, 0x6f0];
    const digit = fc
      .tuple(fc.nat({ max: 9 }), fc.constantFrom(...zeros))
      .map(([value, zero]) => String.fromCodePoint(zero + value));
    const parted = fc.tuple(digit, fc.constantFrom('', ' ', '-', '\u200C', '\u0640', '، '));
    fc.assert(
      fc.property(
        fc.array(parted, { minLength: 9, maxLength: 12 }),
        fc.constantFrom('', 'کد ملی ', 'id:'),
        (parts, before) => {
          expect(takes(`${before}${parts.flat().join('')}`)).toBe(false);
        },
      ),
    );
  });
});

describe('a plain text', () => {
  it('is one line with something to see, of at most so many characters', () => {
    const short = plainText(5);
    for (const text of ['ا', '7', 'ab cd', '۱۲۳۴۵']) expect(short.parse(text)).toBe(text);
    for (const text of ['', 'abcdef', ' a', 'a ', '…', '\u200C', 'a\tb', 'a\u2066b', '\uD800a']) {
      expect(short.safeParse(text).success).toBe(false);
    }
  });
});
