import { isDenying } from '../../inquiry/checks.ts';
import { isRule } from '../../registry/decide.ts';
import { type Finding, question } from './question.ts';
import { gather, gatherNone, shown, under, wordAt } from './rows.ts';
import { say } from './say.ts';

const texts = {
  en: '{n} inquiries under a confidential basis; {denied} of them were denied.',
  fa: '{n} استعلام بر مبنای قانونی محرمانه؛ {denied} تا از آنها رد شده است.',
} as const;

const nothing = () => ({ denied: 0, all: gatherNone() });

const isDenied = (rule: string): boolean => isRule(rule) && isDenying(rule);

export const confidential = question({
  title: { en: 'Under a confidential basis', fa: 'بر مبنای قانونی محرمانه' },
  means: {
    en: 'Inquiries under a legal basis that is confidential here now (`/.well-known/estelam`): whom they were about learns later of those that were allowed, and of those that were denied at once. So for a time nobody but auditors can object to them. One entry for each counter, service and basis.',
    fa: 'استعلام‌هایی بر مبنای قانونی که اکنون اینجا محرمانه است (`/.well-known/estelam`): شخص از پذیرفته‌ها دیرتر آگاه می‌شود و از ردشده‌ها بی‌درنگ. پس تا مدتی جز بازرس کسی نمی‌تواند به آنها اعتراض کند. برای هر دفتر، خدمت و مبنا یک ردیف.',
  },
  parameters: [],
  shape: {},
  answer: async (walk, { language, confidential: bases }) => {
    const counters = new Map<string, ReturnType<typeof nothing>>();
    let n = 0;
    await walk({}, (found) => {
      const [counterAt, serviceAt] = [wordAt(found, 'counter'), wordAt(found, 'service')];
      const [basisAt, ruleAt] = [wordAt(found, 'basis'), wordAt(found, 'rule')];
      n += found.rows.length;
      for (const row of found.rows) {
        const basis = basisAt(row);
        if (!bases.includes(basis)) continue;
        const one = under(counters, `${counterAt(row)} ${serviceAt(row)} ${basis}`, nothing);
        if (isDenied(ruleAt(row))) one.denied += 1;
        gather(one.all, found, row);
      }
    });
    const findings = [...counters]
      .map(([key, { denied, all }]): Finding & { readonly n: number } => {
        const [counter = '', service = '', basis = ''] = key.split(' ');
        const why = say(language, texts, { n: all.n, denied });
        return { counter, service, basis, ...shown(all), denied, why };
      })
      .toSorted((a, b) => b.n - a.n);
    return { findings, n };
  },
});
