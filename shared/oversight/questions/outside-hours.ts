import * as z from 'zod';
import { tehranAhead } from '../../persian/tehran-day.ts';
import { type Finding, question } from './question.ts';
import { gather, gatherNone, shown, under, wordAt } from './rows.ts';
import { say } from './say.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const hour = 3_600_000;

/** `8-16`: from 8:00 up to and without 16:00. */
const Hours = z
  .string()
  .regex(/^[0-9]{1,2}-[0-9]{1,2}$/)
  .transform((text) => {
    const [opens = 0, closes = 0] = text.split('-').map(Number);
    return { opens, closes };
  })
  .refine(({ opens, closes }) => opens < closes && closes <= 24);

/** Days of the week between commas, or `none`. */
const DaysOff = z
  .string()
  .max(32)
  .transform((text) => (text === 'none' ? [] : text.split(',')))
  .pipe(z.array(z.enum(days)).max(7));

const texts = {
  en: '{n} of {of} inquiries outside the office hours of Tehran, {off} of them on a day off.',
  fa: '{n} استعلام از {of} تا بیرون از ساعت اداری تهران، {off} تای آن در روز تعطیل.',
} as const;

export const outsideHours = question({
  title: { en: 'Asked outside office hours', fa: 'پرسیده‌شده بیرون از ساعت اداری' },
  means: {
    en: 'Counters whose operators asked before opening, after closing or on a day off, by the clock of Tehran. Public holidays are not known here: what was asked on one counts as any other day. Some counters have other hours, by their licence or in a night shift.',
    fa: 'دفترهایی که متصدیانشان پیش از آغاز کار، پس از پایان آن یا در روز تعطیل هفته پرسیده‌اند، به ساعت تهران. تعطیلات رسمی اینجا شناخته نیست و مانند روزهای دیگر شمرده می‌شود. برخی دفترها ساعت کار دیگری دارند.',
  },
  parameters: [
    {
      name: 'hours',
      usual: '8-16',
      en: 'The office hours: from the first up to the second.',
      fa: 'ساعت اداری: از اولی تا دومی.',
    },
    {
      name: 'days-off',
      usual: 'fri',
      en: 'Days of the week without office hours, between commas: `sat`, `sun`, … `fri`; or `none`.',
      fa: 'روزهای تعطیل هفته، جداشده با ویرگول: `sat`، `sun`، … `fri`؛ یا `none`.',
    },
  ],
  shape: { hours: Hours.optional(), 'days-off': DaysOff.optional() },
  answer: async (walk, { given, language }) => {
    const { hours: { opens, closes } = { opens: 8, closes: 16 }, 'days-off': off = ['fri'] } =
      given;
    const ahead = tehranAhead();
    const closed = new Set<string | undefined>(off);
    const counters = new Map<
      string,
      { of: number; off: number; outside: ReturnType<typeof gatherNone> }
    >();
    let n = 0;
    await walk({}, (found) => {
      const counterAt = wordAt(found, 'counter');
      const times = found.group.times();
      n += found.rows.length;
      for (const row of found.rows) {
        const t = times[row] ?? 0;
        const clock = new Date(t + ahead(t));
        const isOff = closed.has(days[clock.getUTCDay()]);
        const time = (clock.getTime() % (24 * hour)) / hour;
        const one = under(counters, counterAt(row), () => ({
          of: 0,
          off: 0,
          outside: gatherNone(),
        }));
        one.of += 1;
        if (!isOff && time >= opens && time < closes) continue;
        one.off += isOff ? 1 : 0;
        gather(one.outside, found, row);
      }
    });
    const findings = [...counters]
      .filter(([, { outside }]) => outside.n > 0)
      .map(([counter, { of, off: offs, outside }]): Finding & { readonly n: number } => ({
        counter,
        ...shown(outside),
        of,
        off: offs,
        why: say(language, texts, { n: outside.n, of, off: offs }),
      }))
      .toSorted((a, b) => b.n - a.n);
    return { findings, n };
  },
});
