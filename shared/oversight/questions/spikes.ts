import * as z from 'zod';
import { Problem } from '../../kernel/problem.ts';
import { tehranAhead, tehranDayOf } from '../../persian/tehran-day.ts';
import { type Finding, question, type Span } from './question.ts';
import { under, wordAt } from './rows.ts';
import { say } from './say.ts';

const dayLength = 86_400_000;

/** Days before a day that it is measured against. */
const history = 28;

/** The median of absolute deviations of a normal distribution, times this, is its standard deviation. */
const normal = 1.4826;

/** Days of Tehran that one question may ask about: they are looked at as a whole or not at all. */
const mostDays = 366;

/** The middle of some numbers, ascending or not. */
export const median = (numbers: readonly number[]): number => {
  const ascending = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(ascending.length / 2);
  const [low, high] = [ascending[middle - 1] ?? 0, ascending[middle] ?? 0];
  return ascending.length % 2 === 1 ? high : (low + high) / 2;
};

/** What days before it say of a day: what is usual, and how much that varies. */
export const usualOf = (before: readonly number[]): { median: number; spread: number } => {
  const middle = median(before);
  const deviations = before.map((n) => Math.abs(n - middle));
  // Chance alone makes a count vary by its root; a counter that is always alike must not be told for one more.
  const spread = Math.max(1, Math.sqrt(middle), normal * median(deviations));
  return { median: middle, spread };
};

/** The days of Tehran that lie within a span as a whole; `invalid-query` where they are too many. */
const daysWithin = ({
  from,
  until,
}: Span): { readonly first: number; readonly dates: string[] } => {
  const begun = tehranDayOf(from);
  const first = begun.from === from ? from : begun.until;
  const dates: string[] = [];
  for (let day = tehranDayOf(first); day.until <= until; ) {
    if (dates.length === mostDays) {
      throw new Problem('invalid-query', `This looks at ${mostDays} days of Tehran at most.`);
    }
    dates.push(day.date);
    day = tehranDayOf(day.until);
  }
  return { first, dates };
};

const texts = {
  en: '{n} inquiries in one day, where {median} are usual and {spread} more or less are nothing: {times} times that.',
  fa: '{n} استعلام در یک روز، جایی که معمول {median} است و {spread} کم یا بیش چیزی نیست: {times} برابر آن.',
} as const;

const numberUpTo = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[1-9][0-9]{0,${digits - 1}}$`))
    .transform(Number)
    .optional();

export const spikes = question({
  title: { en: 'Days unlike a counter’s own history', fa: 'روزهای ناهمانند با گذشتهٔ خود دفتر' },
  means: {
    en: 'Days of Tehran on which a counter asked far more than on the 28 days before. Usual is the median of these days; how much is nothing is 1.4826 times the median of their distances from it, at least its root and at least 1. A counter whose history is shorter is measured against days without an inquiry as well: its first days are told. Only whole days are measured, at most 366 of them.',
    fa: 'روزهایی (به وقت تهران) که دفتری بسیار بیش از ۲۸ روز پیش از آن پرسیده است. معمول، میانهٔ همان روزهاست؛ کم‌وبیشِ عادی ۱٫۴۸۲۶ برابر میانهٔ فاصله‌ها از آن است، دست‌کم ریشهٔ آن و دست‌کم ۱. دفترِ کم‌سابقه با روزهای بی‌استعلام نیز سنجیده می‌شود: روزهای نخست آن گفته می‌شود. تنها روزهای کامل سنجیده می‌شود، حداکثر ۳۶۶ روز.',
  },
  parameters: [
    {
      name: 'times',
      usual: '5',
      en: 'How many times the usual variation a day must be above the median.',
      fa: 'روز باید چند برابرِ نوسانِ معمول از میانه بالاتر باشد.',
    },
    {
      name: 'at-least',
      usual: '20',
      en: 'How many inquiries a day must have.',
      fa: 'روز دست‌کم باید چند استعلام داشته باشد.',
    },
  ],
  shape: { times: numberUpTo(3), 'at-least': numberUpTo(6) },
  answer: async (walk, { span, given: { times = 5, 'at-least': least = 20 }, language }) => {
    const { first, dates } = daysWithin(span);
    if (dates.length === 0) return { findings: [], n: 0 };
    const ahead = tehranAhead();
    const dayOf = (t: number): number => Math.floor((t + ahead(t)) / dayLength);
    const zero = dayOf(first) - history;
    const length = history + dates.length;
    const counters = new Map<string, Uint32Array>();
    let n = 0;
    // An hour more: clocks may have been changed in between.
    await walk({ from: first - history * dayLength - 3_600_000 }, (found) => {
      const counterAt = wordAt(found, 'counter');
      const all = found.group.times();
      for (const row of found.rows) {
        const day = dayOf(all[row] ?? 0) - zero;
        if (day < 0 || day >= length) continue;
        const days = under(counters, counterAt(row), () => new Uint32Array(length));
        days[day] = (days[day] ?? 0) + 1;
        n += 1;
      }
    });
    const findings = [...counters]
      .flatMap(([counter, days]) =>
        dates.flatMap((date, at) => {
          const today = days[history + at] ?? 0;
          if (today < least) return [];
          const usual = usualOf([...days.subarray(at, at + history)]);
          const factor = (today - usual.median) / usual.spread;
          return factor > times ? [{ counter, day: date, n: today, ...usual, times: factor }] : [];
        }),
      )
      .toSorted((a, b) => b.times - a.times)
      .map(
        ({ counter, day, ...numbers }): Finding => ({
          counter,
          day,
          n: numbers.n,
          median: numbers.median,
          spread: Math.round(numbers.spread * 10) / 10,
          times: Math.round(numbers.times * 10) / 10,
          why: say(language, texts, numbers),
        }),
      );
    return { findings, n };
  },
});
