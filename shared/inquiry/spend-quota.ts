import type { LimitState } from '../kernel/limit-state.ts';
import { Problem } from '../kernel/problem.ts';
import { trim } from '../kernel/timed-cache.ts';
import { tehranDays } from '../persian/tehran-day.ts';
import type { Meter } from '../registry/meters.ts';
import { quotaCheck } from './checks.ts';
import { type Budget, giveBackOne, leftOf, newBudget, spendOne } from './leased-budget.ts';
import type { MeterStore } from './meter-store.ts';
import { lengthOf, windowAt } from './meter-window.ts';

/** One use of each meter of an inquiry. */
export type Spent = {
  /** How each stands now: `left` is exact where one process serves, and else an upper bound. */
  readonly limits: readonly LimitState[];
  /** Takes it back, once, where it came out that the inquiry stands already, or does not begin. */
  readonly giveBack: () => void;
};

/**
 * Spends one use of every meter, or of none: `rate-limited` where one has none left at `t`. Rejects with
 * `store-unavailable` too.
 */
export type SpendQuota = (meters: readonly Meter[], t: number) => Promise<Spent>;

/** How many windows a process remembers; the one that was used the longest ago goes first. */
export const maxBudgets = 20_000;

type Asked = { readonly meter: Meter; readonly budget: Budget };

export const nothingSpent: Spent = { limits: [], giveBack: () => undefined };

const stateOf = ({ meter, budget }: Asked, t: number): LimitState => ({
  name: meter.name,
  quota: meter.most,
  window: lengthOf(meter),
  left: leftOf(budget, meter.most),
  reset: Math.ceil((budget.window.until - t) / 1000),
});

const usedUp = (asked: readonly Asked[], refused: readonly Asked[], t: number): Problem => {
  const names = refused.map(({ meter }) => meter.name);
  const [check] = names.map(quotaCheck);
  return new Problem('rate-limited', `The quota is used up: ${names.join(', ')}.`, {
    ...(check !== undefined && { check }),
    retryAfter: Math.max(...refused.map((one) => stateOf(one, t).reset)),
    limits: asked.map((one) => stateOf(one, t)),
  });
};

/**
 * Spends quotas from leased budgets (leased-budget.ts): most inquiries of a busy process cost no call
 * to the store, and a quota that is used up costs none until its window ends.
 */
export const quotaSpender = (store: Pick<MeterStore, 'take'>): SpendQuota => {
  const budgets = new Map<string, Budget>();
  const dayOf = tehranDays();

  const budgetOf = (meter: Meter, t: number): Budget => {
    const window = windowAt(meter, t, dayOf);
    const known = budgets.get(window.key);
    // What a day needed says little of the next; a second is like the one before.
    const before = meter.per === 'second' ? windowAt(meter, t - 1000, dayOf).key : '';
    const budget = known ?? newBudget(window, budgets.get(before)?.spent ?? 0);
    budgets.delete(window.key);
    budgets.set(window.key, budget);
    trim(budgets, maxBudgets);
    return budget;
  };

  return async (meters, t) => {
    if (meters.length === 0) return nothingSpent;
    const asked = meters.map((meter): Asked => ({ meter, budget: budgetOf(meter, t) }));
    const outcomes = await Promise.allSettled(
      asked.map(({ meter, budget }) => spendOne(store, budget, meter.most)),
    );
    const came = (how: boolean): readonly Asked[] =>
      asked.filter((_, n) => {
        const outcome = outcomes[n];
        return outcome?.status === 'fulfilled' && outcome.value === how;
      });
    const giveBack = (): void => {
      for (const { budget } of came(true)) giveBackOne(budget);
    };
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    const refused = came(false);
    if (failed === undefined && refused.length === 0) {
      return { limits: asked.map((one) => stateOf(one, t)), giveBack };
    }
    giveBack();
    if (failed !== undefined) throw failed.reason;
    throw usedUp(asked, refused, t);
  };
};
