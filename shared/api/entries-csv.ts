import { type Cell, csvText } from '../kernel/csv.ts';
import type { AuditEntry } from '../oversight/entries/audit-entry.ts';
import type { Language } from './problem-document.ts';

type Column = {
  readonly en: string;
  readonly fa: string;
  readonly cell: (entry: AuditEntry) => Cell;
};

const yesOrNo = (value: boolean | undefined): Cell => value?.toString();

/** What a table of entries shows, in this order: columns are only ever added behind the last. */
const columns: readonly Column[] = [
  { en: 'id', fa: 'شناسه', cell: ({ id }) => id },
  { en: 'asked', fa: 'زمان پرسش', cell: ({ asked }) => asked },
  { en: 'counter', fa: 'دفتر', cell: ({ counter }) => counter },
  { en: 'by', fa: 'به‌دست', cell: ({ by }) => by },
  { en: 'province', fa: 'استان', cell: ({ province }) => province },
  { en: 'station', fa: 'باجه', cell: ({ station }) => station },
  { en: 'operator', fa: 'نام مستعار متصدی', cell: ({ operator }) => operator },
  { en: 'agency', fa: 'دستگاه', cell: ({ agency }) => agency },
  { en: 'service', fa: 'خدمت', cell: ({ service }) => service },
  { en: 'purpose', fa: 'هدف', cell: ({ purpose }) => purpose },
  { en: 'basis', fa: 'مبنای قانونی', cell: ({ basis }) => basis },
  { en: 'presence', fa: 'حضور', cell: ({ presence }) => presence },
  { en: 'hasCase', fa: 'شمارهٔ پرونده دارد', cell: ({ hasCase }) => yesOrNo(hasCase) },
  { en: 'seq', fa: 'شمارهٔ پیاپی دفتر', cell: ({ seq }) => seq },
  { en: 'effect', fa: 'تصمیم', cell: ({ effect }) => effect },
  { en: 'rule', fa: 'قاعده', cell: ({ rule }) => rule },
  { en: 'outcome', fa: 'نتیجه', cell: ({ outcome }) => outcome },
  { en: 'ms', fa: 'زمان پاسخ (میلی‌ثانیه)', cell: ({ ms }) => ms },
  { en: 'answer', fa: 'شمارهٔ پیاپی دستگاه', cell: ({ answer }) => answer },
  { en: 'shard', fa: 'دفتر ثبت', cell: ({ leaf }) => leaf?.shard },
  { en: 'leaf', fa: 'ردیف در دفتر ثبت', cell: ({ leaf }) => leaf?.index },
];

/** The texts of the leaf, where they are asked for: much, and signed by those it names. */
const texts: readonly Column[] = [
  { en: 'i', fa: 'سند پرسش', cell: ({ i }) => i },
  { en: 'o', fa: 'سند نتیجه', cell: ({ o }) => o },
];

/** Entries as CSV (shared/kernel/csv.ts), under a header in a language; what is not known is empty. */
export const entriesCsv = (
  entries: readonly AuditEntry[],
  language: Language,
  withTexts: boolean,
): string => {
  const shown = withTexts ? [...columns, ...texts] : columns;
  return csvText([
    shown.map((column) => column[language]),
    ...entries.map((entry) => shown.map(({ cell }) => cell(entry))),
  ]);
};
