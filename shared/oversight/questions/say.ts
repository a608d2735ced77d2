import type { Bilingual, QuestionLanguage } from './question.ts';

const numbers = {
  en: new Intl.NumberFormat('en', { maximumFractionDigits: 1 }),
  fa: new Intl.NumberFormat('fa', { maximumFractionDigits: 1 }),
} as const;

/**
 * A sentence in a language, `{name}` being filled in; numbers as that language writes them. Texts that
 * come from an inquiry are never filled in: they stand beside, as members of their own.
 */
export const say = (
  language: QuestionLanguage,
  texts: Bilingual,
  values: Readonly<Record<string, number>>,
): string =>
  texts[language].replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    numbers[language].format(values[name] ?? 0),
  );
