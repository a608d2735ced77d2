import { describe, expect, it } from 'vitest';
import { namesCase } from '#shared/oversight/entries/names-case.ts';

describe('a text in the place of a case', () => {
  it.each(['1405/1842', 'C-1405-77', '۱۴۰۵/۱۲', '7', 'پرونده', 'ا', 'نامه ۱۲', '0010', 'no-12'])(
    'names one: %s',
    (text) => {
      expect(namesCase(text)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    '-',
    '---',
    '.',
    '0',
    '000',
    '۰',
    '٠٠',
    '0/0',
    'ندارد',
    'ندا\u200Cرد',
    'ن د ا ر د',
  ])('names none: %j', (text) => {
    expect(namesCase(text)).toBe(false);
  });

  it.each(['None', 'N/A', 'nil', 'NULL', 'بدون', 'هيچ', 'xx', '\u200F-\u200E'])(
    'says that there is none: %j',
    (text) => {
      expect(namesCase(text)).toBe(false);
    },
  );
});
