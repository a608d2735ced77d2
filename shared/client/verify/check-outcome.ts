import { timeOf } from '../../kernel/id.ts';
import { AgencyOutcome } from '../../message/claims.ts';
import type { Fault } from './check-message.ts';
import type { InquiryLeaf } from './read-leaf.ts';

/** Milliseconds an id may lie from the record of its intent: 10 s of freshness, 30 s of work. */
const idSpread = 40_000;

/** Milliseconds by which the clocks of two processes may differ. */
const clockSpread = 10_000;

/** What an agency may be down without: the only outcome of its own that needs no answer. */
const answerless = 'SOURCE_UNAVAILABLE';

const rules: readonly {
  readonly fault: string;
  readonly detail: string;
  readonly isBroken: (leaf: InquiryLeaf) => boolean;
}[] = [
  {
    fault: 'id-not-fresh',
    detail: 'The time inside its id is not that of its record.',
    isBroken: ({ id, intent }) => Math.abs(intent.t - timeOf(id)) > idSpread,
  },
  {
    fault: 'outcome-before-intent',
    detail: 'The outcome was recorded before the intent.',
    isBroken: ({ intent, outcome }) => outcome.t < intent.t - clockSpread,
  },
  {
    fault: 'denied-and-asked',
    detail: 'The decision was to deny, and the outcome is neither DENIED nor ABORTED.',
    isBroken: ({ intent: { dec }, outcome: { out } }) =>
      dec.effect === 'deny' && out !== 'DENIED' && out !== 'ABORTED',
  },
  {
    fault: 'allowed-and-denied',
    detail: 'The decision was to allow, and the outcome is DENIED.',
    isBroken: ({ intent: { dec }, outcome: { out } }) => dec.effect === 'allow' && out === 'DENIED',
  },
  {
    fault: 'answer-missing',
    detail: 'The outcome is an answer, and there is none.',
    isBroken: ({ outcome: { out, res } }) =>
      res === undefined && out !== answerless && AgencyOutcome.safeParse(out).success,
  },
  {
    fault: 'answer-surplus',
    detail: 'There is an answer, and the outcome is none that an agency gives.',
    isBroken: ({ outcome: { out, res } }) =>
      res !== undefined && !AgencyOutcome.safeParse(out).success,
  },
  {
    fault: 'withheld-without-answer',
    detail: 'Fields were withheld of an answer that is not there.',
    isBroken: ({ outcome: { res, withheld } }) => res === undefined && withheld !== undefined,
  },
];

/** What an intent and its outcome must be to each other, without looking into the messages. */
export const checkOutcome = (leaf: InquiryLeaf): readonly Fault[] =>
  rules.flatMap(({ fault, detail, isBroken }) => (isBroken(leaf) ? [{ fault, detail }] : []));
