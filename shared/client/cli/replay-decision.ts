import type { InquiryAsked } from '#events/inquiry-asked.ts';
import type { RequestClaims } from '../../message/claims.ts';
import {
  decideAsKnown,
  isRule,
  type Question,
  type Ruling,
  type Snapshot,
} from '../../registry/decide.ts';
import type { Point, Replay } from '../../registry/replay.ts';
import { snapshotAt } from '../../registry/replay-snapshot.ts';

/** What was decided, as the log has it. */
type Decision = InquiryAsked['dec'];

/** Whether the log and its replay say the same; `undetermined` where the log cannot tell. */
export type Agreement =
  | { readonly said: 'same'; readonly facts: 'judged' | 'not-judged' }
  | { readonly said: 'different' }
  | { readonly said: 'undetermined'; readonly why: keyof typeof undeterminedTexts };

export const undeterminedTexts = {
  'changes-missing': 'not all changes of the registry up to the one that it names are here',
  'request-unread': 'its request has no form that this version of the program knows',
  'rule-unknown': 'its rule is none that this version of the program knows',
  'changed-without-command':
    'the registry was changed without a command at that time, and which version counted is not told',
} as const;

export type ReplayedDecision = {
  readonly point: Point;
  readonly snapshot: Snapshot;
  readonly ruling: Ruling;
};

/** The rules that look at facts: the log holds digests of those only. */
export const factRules: readonly string[] = ['subject-type', 'input-valid'];

/**
 * Decides again, as the registry stood at a point and at the time of it. The log does not hold which
 * legal bases were confidential then: none, unless they are named.
 */
export const decideAt = (
  replay: Replay,
  point: Point,
  question: Question & { readonly claims: Pick<RequestClaims, 'iss' | 'inq'> },
  confidential: readonly string[] = [],
): ReplayedDecision => {
  const snapshot = { ...snapshotAt(replay, point, question.claims), confidential };
  return {
    point,
    snapshot,
    ruling: decideAsKnown(snapshot, question, point.t),
  };
};

const isSame = (recorded: Decision, ruling: Ruling, facts: Question['facts']): boolean => {
  if (recorded.effect === ruling.effect && recorded.rule === ruling.rule) return true;
  // Denied by what the log does not hold: every rule before it must have been kept.
  const unseen = facts === undefined && factRules.includes(recorded.rule);
  return unseen && recorded.effect === 'deny' && ruling.effect === 'allow';
};

/** Whether a decision on record and its replay agree. */
export const agreementOf = (
  { intent: { dec, t }, whole }: { readonly intent: InquiryAsked; readonly whole: boolean },
  replay: Replay,
  ruling: Ruling,
  facts: Question['facts'],
): Agreement => {
  if (!whole) return { said: 'undetermined', why: 'changes-missing' };
  if (!isRule(dec.rule)) return { said: 'undetermined', why: 'rule-unknown' };
  if (isSame(dec, ruling, facts)) {
    return { said: 'same', facts: facts === undefined ? 'not-judged' : 'judged' };
  }
  if (replay.isBlurred(t)) return { said: 'undetermined', why: 'changed-without-command' };
  return { said: 'different' };
};
