import type { MeterWindow } from './meter-window.ts';

/** How many uses are wanted, and how many there are in the whole window. */
export type Wanted = { readonly want: number; readonly most: number };

export type Taken = {
  /** From 1 to what was wanted; 0 where none is left. */
  readonly given: number;
  /** How many were given out of the window to everybody, these included: `most` or more at the end. */
  readonly used: number;
};

/**
 * How many uses were given out of each window of a meter.
 *
 * Never are more given out of a window than the `most` of the calls, whatever crashes and however
 * often a call is repeated: a call whose answer was lost wastes what it took, and nothing more. Windows
 * are forgotten some time after they have ended, days not before {@link keptDays} days. Rejects with
 * the problem `store-unavailable`.
 */
export type MeterStore = {
  readonly take: (window: MeterWindow, wanted: Wanted) => Promise<Taken>;
  /** How many were given out of each window, in their order; at most 100 windows. */
  readonly read: (windows: readonly MeterWindow[]) => Promise<readonly number[]>;
};

/** As long as the journal keeps an inquiry. */
export const keptDays = 14;
