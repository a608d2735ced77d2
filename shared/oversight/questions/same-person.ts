import * as z from 'zod';
import type { Found } from '../../audit/index/walk.ts';
import { type Finding, question } from './question.ts';
import { gather, gatherNone, numbering, shown, tagAt, under, wordAt } from './rows.ts';
import { say } from './say.ts';

/** Operators that a second look may name: beyond that it looks at all. */
const mostOperators = 32;

/** Characters of a tag, so that a pair can be taken apart again. */
const tagLength = 16;

const texts = {
  en: 'One operator asked {n} times about one person.',
  fa: 'یک متصدی {n} بار دربارهٔ یک نفر پرسیده است.',
} as const;

/** Who asked about whom, of each row; undefined where one of them is not known. */
const pairAt = (found: Found): ((row: number) => string | undefined) => {
  const [operatorAt, subjectAt] = [tagAt(found, 'operatorTag'), tagAt(found, 'subjectTag')];
  return (row) => {
    const [operator, subject] = [operatorAt(row), subjectAt(row)];
    return operator === undefined || subject === undefined ? undefined : operator + subject;
  };
};

const nothing = () => ({ ...gatherNone(), counter: '', services: new Set<string>() });

const countOf = z
  .string()
  .regex(/^[1-9][0-9]{0,3}$/)
  .transform(Number);

export const samePerson = question({
  title: { en: 'One operator, one person, again and again', fa: 'یک متصدی، یک نفر، بارها' },
  means: {
    en: 'Operators who asked about the same person more often than that. Who the person is does not show: findings with the same `group` are about the same one. Operators and persons have other pseudonyms each year, so the two sides of a new year are not counted together.',
    fa: 'متصدیانی که دربارهٔ یک نفر بیش از این بار پرسیده‌اند. این که او کیست دیده نمی‌شود: یافته‌های هم‌شمارهٔ `group` دربارهٔ یک نفرند. نام مستعار متصدی و شخص هر سال میلادی دگرگون می‌شود؛ پس دو سوی سال نو با هم شمرده نمی‌شود.',
  },
  parameters: [
    {
      name: 'more-than',
      usual: '3',
      en: 'How often is not yet told.',
      fa: 'چند بار هنوز گفته نمی‌شود.',
    },
  ],
  shape: { 'more-than': countOf.optional() },
  answer: async (walk, { given, language }) => {
    const { 'more-than': most = 3 } = given;
    const counts = new Map<string, number>();
    let n = 0;
    await walk({}, (found) => {
      n += found.rows.length;
      const at = pairAt(found);
      for (const row of found.rows) {
        const pair = at(row);
        if (pair !== undefined) counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    });
    const often = new Set([...counts].flatMap(([pair, times]) => (times > most ? [pair] : [])));
    counts.clear();
    if (often.size === 0) return { findings: [], n };
    const operators = [...new Set([...often].map((pair) => pair.slice(0, tagLength)))];
    const found = new Map<string, ReturnType<typeof nothing>>();
    const narrowed = operators.length <= mostOperators ? { operatorTag: operators } : {};
    await walk(narrowed, (rows) => {
      const [at, counterAt, serviceAt] = [
        pairAt(rows),
        wordAt(rows, 'counter'),
        wordAt(rows, 'service'),
      ];
      for (const row of rows.rows) {
        const pair = at(row);
        if (pair === undefined || !often.has(pair)) continue;
        const one = under(found, pair, nothing);
        gather(one, rows, row);
        one.counter = counterAt(row);
        one.services.add(serviceAt(row));
      }
    });
    const groupOf = numbering();
    const findings = [...found]
      .toSorted(([, a], [, b]) => b.n - a.n)
      .map(
        ([pair, one]): Finding => ({
          group: groupOf(pair.slice(tagLength)),
          counter: one.counter,
          operator: pair.slice(0, tagLength),
          ...shown(one),
          services: [...one.services].toSorted(),
          why: say(language, texts, { n: one.n }),
        }),
      );
    return { findings, n };
  },
});
