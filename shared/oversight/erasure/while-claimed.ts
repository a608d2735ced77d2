import type { Clock } from '../../kernel/clock.ts';
import type { ExportErasing } from '../exports/erase-exports.ts';
import type { SubjectIndex } from '../feeding/subject-index.ts';
import { type Claim, claimTime } from './claim.ts';
import type { Places } from './erase-entries.ts';

/** The time of a claim was over before all was erased that it is for: whoever comes next goes on. */
export class ClaimOver extends Error {
  override readonly name = 'ClaimOver';
}

/** What time a worker has. */
export type Watch = {
  readonly now: Clock;
  /** Milliseconds that only grow, since some moment. */
  readonly steady: Clock;
};

/**
 * Judges whether the time of a claim is over: by the clock, which goes on while a machine sleeps, and by
 * that of this process since it looked, whatever somebody sets the clock to.
 */
export const claimWatch = ({ now, steady }: Watch, { at }: Pick<Claim, 'at'>): (() => boolean) => {
  const begun = steady();
  const left = Math.min(claimTime, at + claimTime - now());
  return () => steady() - begun >= left || now() >= at + claimTime;
};

type Erased = Places & ExportErasing & { readonly subjects: Pick<SubjectIndex, 'remove'> };

/** Rows that are removed before the time is looked at again. */
const atOnce = 256;

/**
 * The same stores, whose writes throw {@link ClaimOver} when the time of a claim is over. One that is on
 * its way by then arrives.
 */
export const whileClaimed = <Parts extends Erased>(parts: Parts, isOver: () => boolean) => {
  const timely =
    <Given extends readonly unknown[], Answer>(
      write: (...given: Given) => Promise<Answer>,
    ): ((...given: Given) => Promise<Answer>) =>
    async (...given) => {
      if (isOver()) throw new ClaimOver('The time of this claim is over.');
      return write(...given);
    };
  const { journal, derived, subjects, exports, remover } = parts;
  const remove = timely(subjects.remove);
  return {
    ...parts,
    journal: { ...journal, eraseFacts: timely(journal.eraseFacts) },
    derived: { ...derived, replace: timely(derived.replace) },
    subjects: {
      ...subjects,
      remove: async (rows: Parameters<typeof remove>[0]) => {
        for (let at = 0; at < rows.length; at += atOnce) await remove(rows.slice(at, at + atOnce));
      },
    },
    exports: { ...exports, swap: timely(exports.swap) },
    remover: { ...remover, removeBelow: timely(remover.removeBelow) },
  };
};

/** Does the work of a claim; `over` where its time was up before. */
export const inTime = async <Result>(work: () => Promise<Result>): Promise<Result | 'over'> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClaimOver) return 'over';
    throw error;
  }
};
