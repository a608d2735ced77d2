import { type Finding, question } from './question.ts';
import { gather, gatherNone, shown, under, wordAt } from './rows.ts';
import { say } from './say.ts';

/** What the column of cases says of a row that names none, and of one of which it is not known. */
const named = { unknown: 0, none: 1 } as const;

const texts = {
  en: '{n} of {of} inquiries name no case.',
  fa: '{n} استعلام از {of} تا شمارهٔ پرونده ندارد.',
} as const;

const nothing = () => ({ of: 0, unknown: 0, without: gatherNone() });

export const noCase = question({
  title: { en: 'Asked without a case', fa: 'بی‌شمارهٔ پرونده' },
  means: {
    en: 'Counters that asked without naming a case: with marks, zeros or a word for none in its place. Whether a case that was named exists is not known here. Where facts were erased it is not known whether one was named: such entries are counted apart, as `unknown`.',
    fa: 'دفترهایی که بی‌ذکر شمارهٔ پرونده پرسیده‌اند: با نشانه، صفر یا واژه‌ای چون «ندارد» به جای آن. درستیِ شمارهٔ ذکرشده اینجا دانسته نیست. جایی که داده‌ها پاک شده است دانسته نیست شماره‌ای بوده است یا نه: چنین مواردی جدا، به نام `unknown`، شمرده می‌شود.',
  },
  parameters: [],
  shape: {},
  answer: async (walk, { language }) => {
    const counters = new Map<string, ReturnType<typeof nothing>>();
    let n = 0;
    await walk({}, (found) => {
      const counterAt = wordAt(found, 'counter');
      const cases = found.group.cases();
      n += found.rows.length;
      for (const row of found.rows) {
        const one = under(counters, counterAt(row), nothing);
        const said = cases[row] ?? named.unknown;
        one.of += 1;
        if (said === named.unknown) one.unknown += 1;
        if (said === named.none) gather(one.without, found, row);
      }
    });
    const findings = [...counters]
      .filter(([, { without }]) => without.n > 0)
      .map(([counter, { of, unknown, without }]): Finding & { readonly n: number } => ({
        counter,
        ...shown(without),
        of,
        unknown,
        why: say(language, texts, { n: without.n, of }),
      }))
      .toSorted((a, b) => b.n - a.n);
    return { findings, n };
  },
});
