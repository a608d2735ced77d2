import { type Assessment, isRule, type Question, rules } from '../../registry/decide.ts';
import type { Source } from './decision-sources.ts';
import { type Agreement, factRules, undeterminedTexts } from './replay-decision.ts';

/** A rule as it is shown. */
export type ShownRule = {
  readonly rule: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly why?: string;
};

/** One decision, recorded or only asked for, as it is shown. */
export type ShownDecision = {
  readonly inquiry?: string;
  readonly index?: number;
  readonly counter: string;
  readonly delegate?: string;
  readonly service: string;
  readonly purpose: string;
  readonly basis?: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly recorded?: { readonly effect: string; readonly rule: string; readonly registry: number };
  readonly replayed?: { readonly effect: string; readonly rule: string; readonly registry: number };
  readonly agreement?: Agreement;
  readonly rules: readonly ShownRule[];
  readonly sources: readonly Source[];
};

/** The rules that look at the legal basis alone. */
const basisRules: readonly string[] = ['basis-confidential', 'basis-accepted'];

/** The rules one by one, and why any of them was not judged. */
export const shownRules = (
  assessed: readonly Assessment[],
  facts: Question['facts'],
  withBasis: boolean,
): readonly ShownRule[] =>
  assessed.map(({ rule, result, errors = [] }): ShownRule => {
    if (facts === undefined && factRules.includes(rule)) {
      return {
        rule,
        result: 'skipped',
        why: 'the facts are not known: the log holds digests only',
      };
    }
    if (!withBasis && basisRules.includes(rule) && result !== 'skipped') {
      return { rule, result: 'skipped', why: 'no basis was given' };
    }
    if (result === 'skipped') return { rule, result, why: 'an earlier rule failed' };
    if (result === 'passed') return { rule, result };
    const where = errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
    return { rule, result, why: [rules[rule], ...where].join(' ') };
  });

const marks = { passed: '✓', failed: '✗', skipped: '–' } as const;

const ruleLines = (shown: readonly ShownRule[]): readonly string[] => {
  const width = Math.max(0, ...shown.map(({ rule }) => rule.length));
  return shown.map(({ rule, result, why }) =>
    `  ${marks[result]} ${why === undefined ? rule : `${rule.padEnd(width)}  ${why}`}`.trimEnd(),
  );
};

const sourceLines = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap(({ kind, about, says, led, at, change, command, do: done, by }) => [
    `  ${led ? '→' : ' '} ${kind} ${about}: ${says}`,
    change === undefined
      ? `      ${at}, without a command`
      : `      change ${change}, ${done ?? 'unread'} by ${by ?? 'unknown'}, ${at}`,
    ...(command === undefined ? [] : [`      command ${command}`]),
  ]);

const rulingText = ({ effect, rule, registry }: NonNullable<ShownDecision['recorded']>): string =>
  `${effect}, ${rule}, registry ${registry}`;

const agreementText = (agreement: Agreement): string => {
  switch (agreement.said) {
    case 'same':
      return agreement.facts === 'judged' ? 'same' : 'same, as far as the log tells';
    case 'different':
      return 'DIFFERENT';
    case 'undetermined':
      return `cannot be told: ${undeterminedTexts[agreement.why]}`;
  }
};

const allowing = ({ replayed }: ShownDecision): string => {
  const rule = replayed?.effect === 'allow' ? replayed.rule : '';
  return isRule(rule) ? ` (${rules[rule]})` : '';
};

/** For a person. */
export const decisionText = (shown: ShownDecision): string => {
  const { inquiry, index, counter, delegate, service, purpose, basis, time } = shown;
  const { recorded, replayed, agreement } = shown;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['inquiry', inquiry === undefined ? undefined : `${inquiry}, leaf ${index}`],
    ['counter', delegate === undefined ? counter : `${counter}, asked for by ${delegate}`],
    ['service', service],
    ['purpose', basis === undefined ? purpose : `${purpose}, by ${basis}`],
    ['time', time],
    ['recorded', recorded && rulingText(recorded)],
    ['replayed', replayed && `${rulingText(replayed)}${allowing(shown)}`],
  ];
  return [
    ...rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(10)}${text}`])),
    ...(shown.rules.length === 0 ? [] : ['', 'Rules, in the order of judgement:']),
    ...ruleLines(shown.rules),
    ...(shown.sources.length === 0 ? [] : ['', 'What the registry held (→: it rests on this):']),
    ...sourceLines(shown.sources),
    ...(agreement === undefined ? [] : ['', agreementText(agreement)]),
    '',
  ].join('\n');
};
