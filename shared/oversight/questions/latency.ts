import type { Outcome } from '#events/outcome.ts';
import { type Finding, question } from './question.ts';
import { under, wordAt } from './rows.ts';
import { say } from './say.ts';

/** What became of an inquiry that an agency was asked. */
type Class = 'answered' | 'unavailable' | 'timeout' | 'invalid' | 'aborted';

/** Undefined where no agency was asked. */
const classOf: Readonly<Record<Outcome, Class | undefined>> = {
  MATCH: 'answered',
  NO_MATCH: 'answered',
  FOUND: 'answered',
  NOT_FOUND: 'answered',
  INDETERMINATE: 'answered',
  REFUSED: 'answered',
  PENDING: 'answered',
  SOURCE_UNAVAILABLE: 'unavailable',
  TIMEOUT: 'timeout',
  INVALID_ANSWER: 'invalid',
  ABORTED: 'aborted',
  DENIED: undefined,
};

const classes = new Map<string, Class | undefined>(Object.entries(classOf));

const texts = {
  en: 'Of {n} inquiries {failed} failed ({percent} %); of the others half were answered within {p50} ms, 99 of 100 within {p99} ms.',
  fa: 'از {n} استعلام {failed} تا ناموفق بود ({percent} درصد)؛ از بقیه نیمی در {p50} و ۹۹ از صد در {p99} میلی‌ثانیه پاسخ گرفت.',
} as const;

const noAnswer = {
  en: 'Of {n} inquiries none was answered.',
  fa: 'از {n} استعلام هیچ‌یک پاسخ نگرفت.',
} as const;

/** The least value that a part of all are at most: the nearest rank, no value in between. */
const quantile = (
  ascending: readonly (readonly [number, number])[],
  total: number,
  part: number,
): number => {
  let seen = 0;
  for (const [value, n] of ascending) {
    seen += n;
    if (seen >= part * total) return value;
  }
  return 0;
};

const nothing = () => ({
  n: 0,
  times: new Map<number, number>(),
  counts: { answered: 0, unavailable: 0, timeout: 0, invalid: 0, aborted: 0 },
});

export const latency = question({
  title: { en: 'How agencies answer', fa: 'دستگاه‌ها چگونه پاسخ می‌دهند' },
  means: {
    en: 'For each agency: how many inquiries reached it, how long its answers took (as the exchange measured it, the way there and back included), and how many failed, by how. Inquiries that were denied reached no agency and are not counted. An answer that comes later counts as answered when it was promised.',
    fa: 'برای هر دستگاه: چند استعلام به آن رسیده، پاسخش چقدر زمان برده (با رفت و برگشت، به سنجش سامانه) و چند تا و چگونه ناموفق بوده است. استعلام‌های ردشده به دستگاه نرسیده و شمرده نمی‌شود. پاسخِ بعدی از هنگام وعده پاسخ شمرده می‌شود.',
  },
  parameters: [],
  shape: {},
  answer: async (walk, { language }) => {
    const agencies = new Map<string, ReturnType<typeof nothing>>();
    let n = 0;
    await walk({}, (found) => {
      const [agencyAt, outcomeAt] = [wordAt(found, 'agency'), wordAt(found, 'outcome')];
      const ms = found.group.numbers.ms();
      n += found.rows.length;
      for (const row of found.rows) {
        const kind = classes.get(outcomeAt(row));
        if (kind === undefined) continue;
        const one = under(agencies, agencyAt(row), nothing);
        one.n += 1;
        one.counts[kind] += 1;
        const took = ms[row] ?? 0;
        if (kind === 'answered') one.times.set(took, (one.times.get(took) ?? 0) + 1);
      }
    });
    const findings = [...agencies]
      .map(([agency, { n: asked, times, counts }]) => {
        const ascending = [...times].toSorted(([a], [b]) => a - b);
        const { answered, ...failures } = counts;
        const at = (part: number): number => quantile(ascending, answered, part);
        const failed = asked - answered;
        const percent = (100 * failed) / asked;
        const common = { agency, n: asked, answered, failed, failures };
        if (answered === 0) return { ...common, why: say(language, noAnswer, { n: asked }) };
        const values = { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
        return {
          ...common,
          ms: values,
          why: say(language, texts, { n: asked, failed, percent, ...values }),
        };
      })
      .toSorted(
        (a, b) => b.failed / b.n - a.failed / a.n || b.n - a.n,
      ) satisfies readonly Finding[];
    return { findings, n };
  },
});
