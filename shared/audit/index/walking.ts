import type { EntryFilter } from './filter.ts';
import type { OpenedIndex } from './opened-index.ts';

/** The direction of a walk: by the log, which is by time but for entries that came late. */
export type Order = 'newest' | 'oldest';

/** Objects that a call may still ask for; whoever takes one more than there are stops. */
export type Budget = { readonly take: () => boolean };

export const budgetOf = (objects: number): Budget => {
  let left = objects;
  return {
    take: () => {
      left -= 1;
      return left >= 0;
    },
  };
};

export type Walking = {
  readonly index: OpenedIndex;
  readonly filter: EntryFilter;
  readonly order: Order;
  readonly budget: Budget;
};
