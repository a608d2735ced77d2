import type { Replay } from '../../registry/replay.ts';
import { agreementOf, decideAt, undeterminedTexts } from './replay-decision.ts';
import type { PastInquiry } from './replay-log.ts';

/** How many differences are shown; all are counted. */
export const mostShown = 20;

type Said = { readonly effect: string; readonly rule: string; readonly registry: number };

export type Difference = {
  readonly inquiry: string;
  readonly index: number;
  readonly recorded: Said;
  readonly replayed: Said;
};

export type AllReplayed = {
  readonly same: number;
  readonly different: number;
  readonly undetermined: { readonly [why in keyof typeof undeterminedTexts]: number };
  /** The first of those that differ. */
  readonly differences: readonly Difference[];
};

/** Counts how the decisions of a log and their replays agree. */
export const countAgreements = (confidential: readonly string[] = []) => {
  const counts = { same: 0, different: 0 };
  const undetermined = {
    'changes-missing': 0,
    'request-unread': 0,
    'rule-unknown': 0,
    'changed-without-command': 0,
  };
  const differences: Difference[] = [];
  return {
    take: (inquiry: PastInquiry, replay: Replay): void => {
      const { intent, claims, index } = inquiry;
      const { t, dec } = intent;
      const { ruling } = decideAt(replay, { n: dec.registry, t }, { claims }, confidential);
      const agreement = agreementOf(inquiry, replay, ruling, undefined);
      if (agreement.said === 'undetermined') {
        undetermined[agreement.why] += 1;
        return;
      }
      counts[agreement.said] += 1;
      if (agreement.said === 'same' || differences.length === mostShown) return;
      const { effect, rule, registry } = ruling;
      differences.push({
        inquiry: intent.id,
        index,
        recorded: dec,
        replayed: { effect, rule, registry },
      });
    },
    /** With so many that could not be read. */
    result: (unread: number): AllReplayed => ({
      ...counts,
      undetermined: { ...undetermined, 'request-unread': unread },
      differences,
    }),
  };
};

const many = (count: number): string => count.toLocaleString('en');

const saidText = ({ effect, rule }: Said): string => `${effect} ${rule}`;

export const allText = ({ same, different, undetermined, differences }: AllReplayed): string => {
  const reasons: readonly (keyof typeof undeterminedTexts)[] = [
    'changes-missing',
    'request-unread',
    'rule-unknown',
    'changed-without-command',
  ];
  const untold = reasons.filter((why) => undetermined[why] > 0);
  const all = reasons.reduce((sum, why) => sum + undetermined[why], 0);
  return [
    `${many(same)} same, as far as the log tells`,
    `${many(different)} different`,
    `${many(all)} cannot be told`,
    ...untold.map((why) => `  ${many(undetermined[why])}: ${undeterminedTexts[why]}`),
    ...(differences.length === 0 ? [] : [`The first ${differences.length} that differ:`]),
    ...differences.map(
      ({ inquiry, index, recorded, replayed }) =>
        `  ${inquiry}, leaf ${index}: ${saidText(recorded)}, replayed ${saidText(replayed)}, registry ${recorded.registry}`,
    ),
    '',
  ].join('\n');
};
