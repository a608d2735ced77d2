import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldDigits,
  persianCollator,
  stripInvisible,
  toIdentifierInput,
  toInput,
  toNumberInput,
  toSearchKey,
} from '#shared/persian/text.ts';

const marks = Array.from(
  '\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\uFEFF',
);

/** Any text at all, and often Persian text with everything that is folded somewhere. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from('ابپتجچكکيیىئۀةهھہەآأإؤءٱلاژگ۰۹٠٩09 aZÉİſﷺﻼ-\u00A0\n\u200C\u200D'),
      ...Array.from('\u0640\u064B\u0650\u0651\u0653\u0654\u0655\u0670\u0301\u0307'),
      ...marks,
    ),
    maxLength: 30,
  }),
);

describe('foldDigits', () => {
  it('turns both foreign digit sets into ASCII and leaves all else', () => {
    expect(foldDigits('۰۱۲۳۴۵۶۷۸۹ ٠١٢٣٤٥٦٧٨٩ 0123456789 الف x')).toBe(
      '0123456789 0123456789 0123456789 الف x',
    );
  });
});

describe('stripInvisible', () => {
  it.each(marks)('strips a direction mark or byte order mark: %j', (mark) => {
    expect(stripInvisible(`${mark}سلام${mark}!${mark}`)).toBe('سلام!');
  });

  it('keeps ZWNJ, which is spelling', () => {
    expect(stripInvisible('می\u200Cرود')).toBe('می\u200Cرود');
  });
});

describe('toInput', () => {
  it('writes Persian ی and ک for the Arabic letters, which NFKC does not', () => {
    expect('علي كريمي'.normalize('NFKC')).toBe('علي كريمي');
    expect(toInput('علي كريمي')).toBe('علی کریمی');
  });

  it('keeps ة, ۀ, ZWNJ, tatweel, vowel signs and digits as they were written', () => {
    const written = 'رحمة\u200Cالله خانۀ مُـحمد ۱۲٣';
    expect(toInput(written)).toBe(written);
  });

  it('composes, and gives a decomposed ئ as the one letter', () => {
    expect(toInput('مس\u064A\u0654ول')).toBe('مس\u0626ول');
    expect(toInput('مس\u064A\u200E\u0654ول')).toBe('مس\u0626ول');
  });

  it('trims and strips marks at once', () => {
    expect(toInput('\uFEFF \u200F سلام \u200E\n')).toBe('سلام');
  });
});

describe('toNumberInput and toIdentifierInput', () => {
  it('both drop spaces and all that is unseen; only the second drops hyphens and tatweel', () => {
    const pasted = '\u2067 ۱۲\u200C٣\u00AD-4\u20135\u06406 \u2069';
    expect(toNumberInput(pasted)).toBe('123-4\u20135\u06406');
    expect(toIdentifierInput(pasted)).toBe('123456');
  });
});

describe('toSearchKey', () => {
  it.each([
    ['ZWNJ', 'می\u200Cرود', 'میرود'],
    ['ZWJ', 'ه\u200Dمن', 'همن'],
    ['tatweel', 'سـلام', 'سلام'],
    ['vowel signs', 'مُحَمَّدٌ', 'محمد'],
    ['dagger alef', 'رحم\u0670ن', 'رحمن'],
    ['Arabic ي and ك', 'علي كريمي', 'علی کریمی'],
    ['ى at the end', 'موسى', 'موسی'],
    ['ة', 'فاطمة', 'فاطمه'],
    ['ۀ', 'خانۀ', 'خانه'],
    ['ه with a hamza mark', 'خانه\u0654', 'خانه'],
    ['ھ ہ ە', 'ھہە', 'ههه'],
    ['آ', 'آزاده', 'ازاده'],
    ['أ', 'أحمد', 'احمد'],
    ['إ', 'إسلام', 'اسلام'],
    ['ٱ', 'ٱلله', 'الله'],
    ['ؤ', 'مؤمن', 'مومن'],
    ['ئ', 'رئیس', 'رییس'],
    ['presentation forms', 'ﺳﻼم', 'سلام'],
    ['digits', 'کوچهٔ ۱٢3', 'کوچه 123'],
    ['full-width and Latin case', 'Ｔehran', 'tEHRAN'],
    ['white space', '  علی \u00A0\t رضا\n', 'علی رضا'],
    ['direction marks', '\u202Bسلام\u202C', 'سلام'],
  ])('matches over %s', (_, one, other) => {
    expect(toSearchKey(one)).toBe(toSearchKey(other));
  });

  it('keeps apart what are different letters and different words', () => {
    expect(toSearchKey('کار')).not.toBe(toSearchKey('گار'));
    expect(toSearchKey('می رود')).not.toBe(toSearchKey('می\u200Cرود'));
  });

  it('ignores marks, ZWNJ, tatweel, vowel signs and Arabic letters wherever they stand', () => {
    const variants: Readonly<Record<string, readonly string[]>> = {
      ی: ['ی', 'ي', 'ى'],
      ک: ['ک', 'ك'],
      ه: ['ه', 'ة', 'ۀ'],
      ا: ['ا', 'آ', 'أ', 'إ'],
    };
    const extra = fc.constantFrom('', '', '\u200C', '\u0640', '\u064E', '\u0651', ...marks);
    const spelled = fc
      .array(fc.constantFrom(...Array.from('ابپسیکهمن و۳')), { maxLength: 20 })
      .chain((letters) =>
        fc.record({
          plain: fc.constant(letters.join('')),
          varied: fc
            .tuple(
              ...letters.map((letter) =>
                fc
                  .tuple(fc.constantFrom(...(variants[letter] ?? [letter])), extra)
                  .map((two) => two.join('')),
              ),
            )
            .map((pieces) => pieces.join('')),
        }),
      );
    fc.assert(
      fc.property(spelled, ({ plain, varied }) => {
        expect(toSearchKey(varied)).toBe(toSearchKey(plain));
      }),
    );
  });

  it('is the same for canonically equal texts', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toSearchKey(text.normalize('NFD'))).toBe(toSearchKey(text.normalize('NFC')));
      }),
    );
  });

  it('is the same for a text and for its input form', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toSearchKey(toInput(text))).toBe(toSearchKey(text));
      }),
    );
  });
});

describe('every folding', () => {
  it.each([
    ['foldDigits', foldDigits],
    ['stripInvisible', stripInvisible],
    ['toInput', toInput],
    ['toNumberInput', toNumberInput],
    ['toIdentifierInput', toIdentifierInput],
    ['toSearchKey', toSearchKey],
  ] as const)('%s changes nothing the second time', (_, fold) => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('persianCollator', () => {
  it('orders the whole alphabet, where code units put پ چ ژ گ ک ی last', () => {
    const alphabet = Array.from('ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی');
    expect(alphabet.toReversed().toSorted(persianCollator.compare)).toEqual(alphabet);
    expect(alphabet.toSorted()).not.toEqual(alphabet);
  });
});
