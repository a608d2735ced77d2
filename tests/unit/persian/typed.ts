import fc from 'fast-check';

const directionMarks = '\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069';

/** What a keyboard, a clipboard or `Intl` leaves between digits, and nobody sees. */
const unseen = Array.from(`${directionMarks}\u200B\u200C\u200D\u00AD\u2060\uFEFF \u00A0\t\n`);

const hyphens = Array.from('-\u2010\u2013\u2212\u0640');

const digitSets = ['0123456789', '۰۱۲۳۴۵۶۷۸۹', '٠١٢٣٤٥٦٧٨٩'] as const;

const inSomeDigitSet = (character: string): fc.Arbitrary<string> =>
  /[0-9]/.test(character)
    ? fc.constantFrom(...digitSets).map((digitSet) => digitSet.charAt(Number(character)))
    : fc.constant(character);

const spellings = (text: string, noises: readonly string[]): fc.Arbitrary<string> => {
  const gap = fc
    .array(fc.constantFrom(...noises), { maxLength: 3 })
    .map((characters) => characters.join(''));
  const character = (c: string): fc.Arbitrary<string> =>
    fc.tuple(inSomeDigitSet(c), gap).map((pieces) => pieces.join(''));
  return fc.tuple(gap, ...Array.from(text, character)).map((pieces) => pieces.join(''));
};

/** The same identifier as people type it: each digit in any of three sets, noise anywhere. */
export const typed = (text: string): fc.Arbitrary<string> =>
  spellings(text, [...unseen, ...hyphens]);

/** The same date or amount as people type it: as {@link typed}, but no hyphens. */
export const typedNumber = (text: string): fc.Arbitrary<string> => spellings(text, unseen);

const digit: fc.Arbitrary<number> = fc.integer({ min: 0, max: 9 });

export const digits = (length: number): fc.Arbitrary<readonly number[]> =>
  fc.array(digit, { minLength: length, maxLength: length });

/** The text with one character put in the place of the one at `index`. */
export const replaceAt = (text: string, index: number, character: string): string =>
  text.slice(0, index) + character + text.slice(index + 1);
