import type { MeterStore, Wanted } from './meter-store.ts';
import type { MeterWindow } from './meter-window.ts';

/** A share of a window's uses that this process has taken, and spends by itself. */
export type Budget = {
  readonly window: MeterWindow;
  /** How many were given out of the window to everybody, as far as is known. */
  used: number;
  /** How many of this process's are not spent. */
  left: number;
  spent: number;
  /** Who waits for more. */
  waiting: number;
  taking: Promise<number> | undefined;
  /** About how many this process will need: as many as in the window before. */
  readonly likely: number;
};

export const newBudget = (window: MeterWindow, likely: number): Budget => ({
  window,
  used: 0,
  left: 0,
  spent: 0,
  waiting: 0,
  taking: undefined,
  likely,
});

/** What part of its use a process takes ahead at most: in this window, and in the one before. */
const partOfSpent = 8;
const partOfLikely = 2;

/** What part of all uses it takes ahead at most, because the window before was like that. */
const partOfAll = 8;

/**
 * How many uses are taken at once: one for each that waits, and more as a process has used more. What is
 * lost with a process is at most an eighth of what it used in the window, or half of what it used
 * in the one before; a quota that is seldom used is exact, and a busy one is asked for once in
 * many uses.
 */
export const leaseSize = (
  { spent, waiting, likely }: Pick<Budget, 'spent' | 'waiting' | 'likely'>,
  most: number,
): number => {
  const asBefore = Math.min(Math.ceil(likely / partOfLikely), Math.floor(most / partOfAll));
  return Math.max(1, waiting, Math.floor(spent / partOfSpent), asBefore);
};

/** How many are left, as far as is known: of the store, and of this process's own. */
export const leftOf = ({ used, left }: Budget, most: number): number =>
  Math.max(0, most - used + left);

const takeMore = async (
  store: Pick<MeterStore, 'take'>,
  budget: Budget,
  wanted: Wanted,
): Promise<number> => {
  const { given, used } = await store.take(budget.window, wanted);
  budget.used = used;
  budget.left += given;
  return given;
};

/** One lease at a time: whoever comes meanwhile waits for it. */
const oneLease = async (
  store: Pick<MeterStore, 'take'>,
  budget: Budget,
  most: number,
): Promise<number> => {
  budget.taking ??= takeMore(store, budget, { want: leaseSize(budget, most), most }).finally(() => {
    budget.taking = undefined;
  });
  return budget.taking;
};

/**
 * Spends one use: of this process's own, or after taking more. False where none is left, and that is
 * remembered until the window ends: it costs no further call, unless a later `most` is greater.
 */
export const spendOne = async (
  store: Pick<MeterStore, 'take'>,
  budget: Budget,
  most: number,
): Promise<boolean> => {
  while (leftOf(budget, most) > 0) {
    if (budget.left > 0) {
      budget.left -= 1;
      budget.spent += 1;
      return true;
    }
    budget.waiting += 1;
    try {
      if ((await oneLease(store, budget, most)) === 0) return false;
    } finally {
      budget.waiting -= 1;
    }
  }
  return false;
};

/** Takes back the spending of one use. */
export const giveBackOne = (budget: Budget): void => {
  budget.left += 1;
  budget.spent -= 1;
};
