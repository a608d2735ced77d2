import * as z from 'zod';
import type { Found } from '../../audit/index/walk.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { lastOther } from './last-other.ts';
import { type Finding, question } from './question.ts';
import { numbering, tagAt, under, wordAt } from './rows.ts';
import { say } from './say.ts';

const minute = 60_000;

/** One inquiry of a pair. */
type One = {
  readonly t: number;
  readonly id: string;
  readonly service: string;
  readonly purpose: string;
  readonly rule: string;
};

const isAlike = (a: One, b: One): boolean => a.service === b.service && a.purpose === b.purpose;

const texts = {
  en: 'Denied, and asked otherwise and allowed {minutes} minutes later.',
  fa: 'ابتدا رد شد و {minutes} دقیقه بعد به شکلی دیگر پرسیده و پذیرفته شد.',
} as const;

/** Reads rows one by one: for whom and about whom, and what was asked. */
const reading = (found: Found) => {
  const subjectAt = tagAt(found, 'subjectTag');
  const [counterAt, serviceAt] = [wordAt(found, 'counter'), wordAt(found, 'service')];
  const [purposeAt, ruleAt] = [wordAt(found, 'purpose'), wordAt(found, 'rule')];
  const { group } = found;
  return {
    /** The counter behind the person, whose tag is of one length. */
    key: (row: number): string | undefined => {
      const subject = subjectAt(row);
      return subject === undefined ? undefined : subject + counterAt(row);
    },
    one: (row: number): One => ({
      t: group.timeAt(row),
      id: group.ids().at(row),
      service: serviceAt(row),
      purpose: purposeAt(row),
      rule: ruleAt(row),
    }),
  };
};

const tagLength = 16;

const shownOne = ({ t, ...one }: One) => ({ ...one, asked: toRfc3339(t) });

export const deniedThenAllowed = question({
  title: { en: 'Denied, then allowed', fa: 'ابتدا رد، سپس پذیرفته' },
  means: {
    en: 'A counter was denied an inquiry about a person, and soon after it was allowed one about the same person, for another service or another purpose. Often that is a mistake that was put right; it may be a purpose that was made up. Findings with the same `group` are about the same person.',
    fa: 'استعلامِ دفتری دربارهٔ کسی رد شده و اندکی بعد، با خدمت یا هدفی دیگر دربارهٔ همان کس پذیرفته شده است. بیشتر وقت‌ها اصلاح اشتباه است؛ گاهی هدفی ساختگی. یافته‌های هم‌شمارهٔ `group` دربارهٔ یک نفرند.',
  },
  parameters: [
    {
      name: 'minutes',
      usual: '30',
      en: 'How long after the denial.',
      fa: 'تا چند دقیقه پس از رد.',
    },
  ],
  shape: {
    minutes: z
      .string()
      .regex(/^[1-9][0-9]{0,3}$/)
      .transform(Number)
      .optional(),
  },
  answer: async (walk, { given: { minutes = 30 }, language }) => {
    const denials = new Map<string, One[]>();
    let n = 0;
    await walk({ effect: 'deny' }, (found) => {
      n += found.rows.length;
      const { key, one } = reading(found);
      for (const row of found.rows) {
        const whose = key(row);
        if (whose !== undefined) under(denials, whose, () => []).push(one(row));
      }
    });
    const lastDenial = new Map(
      [...denials].map(([whose, all]) => [whose, lastOther(all, isAlike)]),
    );
    const pairs: { readonly whose: string; readonly denied: One; readonly allowed: One }[] = [];
    await walk({ effect: 'allow' }, (found) => {
      n += found.rows.length;
      const { key, one } = reading(found);
      for (const row of found.rows) {
        const whose = key(row);
        const before = whose === undefined ? undefined : lastDenial.get(whose);
        if (whose === undefined || before === undefined) continue;
        const allowed = one(row);
        const last = before(allowed);
        if (last !== undefined && allowed.t - last.t <= minutes * minute) {
          pairs.push({ whose, denied: last, allowed });
        }
      }
    });
    const groupOf = numbering();
    const findings = pairs
      .toSorted((a, b) => a.allowed.t - a.denied.t - (b.allowed.t - b.denied.t))
      .map(
        ({ whose, denied, allowed }): Finding => ({
          group: groupOf(whose.slice(0, tagLength)),
          counter: whose.slice(tagLength),
          denied: shownOne(denied),
          allowed: shownOne(allowed),
          why: say(language, texts, { minutes: (allowed.t - denied.t) / minute }),
        }),
      );
    return { findings, n };
  },
});
