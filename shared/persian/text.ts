/** UAX #9's direction marks (U+061C, U+200E/F, U+202A–E, U+2066–9) and the byte order mark. */
const directionMarks = /[\p{Bidi_Control}\uFEFF]/gu;

/** What shows nothing by definition (UAX #44): direction marks, ZWNJ, ZWJ, soft hyphen and more. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/** Dashes of every width, the minus sign, and tatweel, which people type for a dash. */
const hyphens = /[\p{Dash_Punctuation}\u2212\u0640]/gu;

/** Extended Arabic-Indic (U+06F0–9) and Arabic-Indic (U+0660–9) digits to ASCII ones. */
export const foldDigits = (text: string): string =>
  text.replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 0xf));

/** Without the marks that only steer direction. ZWNJ stays: it is a part of Persian spelling. */
export const stripInvisible = (text: string): string => text.replace(directionMarks, '');

/**
 * What every input edge does to text: NFC, the Persian ی and ک for the Arabic ي and ك, no
 * direction marks, no space around it. NFKC would not fold the two letters, and would lose what was
 * written. The marks go first and the letters last, so that ي and a hamza mark become one ئ.
 */
export const toInput = (text: string): string =>
  stripInvisible(text)
    .normalize('NFC')
    .replaceAll('\u064A', '\u06CC')
    .replaceAll('\u0643', '\u06A9')
    .trim();

/** A number as a person types or pastes it: ASCII digits, no spaces, nothing unseen. */
export const toNumberInput = (text: string): string =>
  foldDigits(text).replace(ignorable, '').replace(/\s/g, '');

/** An identifier as a person types or pastes it: as {@link toNumberInput}, and no hyphens. */
export const toIdentifierInput = (text: string): string => toNumberInput(text).replace(hyphens, '');

const searchLetters = [
  ['ا', /\u0671/g],
  ['ی', /[\u064A\u0649\u06D2]/g],
  ['ک', /\u0643/g],
  ['ه', /[\u0629\u06C1\u06C3\u06BE\u06D5]/g],
] as const;

const foldSearchLetters = (text: string): string =>
  searchLetters.reduce((folded, [letter, variants]) => folded.replace(variants, letter), text);

/**
 * The key under which two spellings of one word match; never shown and never stored as the word.
 *
 * NFKD takes each letter apart from its marks and all marks are dropped: vowel signs, and also
 * the madda and hamza of آ أ إ ؤ ئ ۀ, leaving ا ا ا و ی ه. Keyboards, forms and older records
 * disagree on all of these (آزاده and ازاده, أحمد and احمد, رئیس and رییس). Apache Lucene's
 * PersianAnalyzer folds the alefs and drops the hamza mark likewise; dropping it from the one-piece
 * letters too makes canonically equal texts equal here. The price, آن matching ان, is right for a
 * search, which offers, and would be wrong for an identity, which decides.
 *
 * Then ة and the Urdu and Kurdish forms of heh to ه, ى ي ے to ی, ك to ک; ZWNJ, tatweel and all else
 * unseen dropped; digits ASCII, Latin in lower case, runs of white space one space. A word that was
 * typed with a space in place of its ZWNJ stays two words.
 */
export const toSearchKey = (text: string): string =>
  foldDigits(foldSearchLetters(text.normalize('NFKD').replace(/[\p{Mn}\u0640]/gu, '')))
    .replace(ignorable, '')
    .toLowerCase()
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();

/** Orders text as a Persian dictionary does: پ چ ژ گ in their places, not after ی. */
export const persianCollator: Intl.Collator = new Intl.Collator('fa');
