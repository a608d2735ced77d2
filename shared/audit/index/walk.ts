import type { EntryFilter } from './filter.ts';
import { IndexIncomplete } from './index-invalid.ts';
import type { OpenedIndex } from './opened-index.ts';
import type { RowGroup } from './row-group.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import { select } from './select.ts';
import { skips, summaryWidth } from './summary.ts';

/**
 * Which leaves of a shard are looked at: those before `size`, which the index must know, from `from`
 * on, or from its first.
 */
export type Reach = { readonly shard: number; readonly size: number; readonly from?: number };

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

/** Rows that a filter means, at least one, in the order of a walk, within the leaves from..to. */
export type Found = { readonly group: RowGroup; readonly rows: Uint32Array };

export type Walk = {
  /** The next group with rows; `end` where the shard ends, `spent` where the budget does. */
  readonly next: () => Promise<Found | 'end' | 'spent'>;
  /** Every row before this leaf index was seen: the next unseen one, or for `newest` one more. */
  readonly at: () => number;
};

type Walking = {
  readonly index: OpenedIndex;
  readonly filter: EntryFilter;
  readonly order: Order;
  readonly budget: Budget;
};

/** A segment that knows its first `width` leaves; one that was just being put is asked for again. */
const segmentOf = async (
  index: OpenedIndex,
  { shard, n, width }: { readonly shard: number; readonly n: number; readonly width: number },
): Promise<Segment> => {
  const first = await index.segment(shard, n);
  const found = first !== undefined && first.width < width ? await index.segment(shard, n) : first;
  if (found === undefined || found.width < width) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing or too short.`);
  }
  return found;
};

/** The rows of the leaves from `low` up to and without `end`. */
const within = (segment: Segment, rows: Uint32Array, low: number, end: number): Uint32Array => {
  const first = segment.n * segmentWidth;
  if (rows.length === 0 || (low === first && end === first + segment.width)) return rows;
  const indexes = segment.indexes();
  return rows.filter((row) => {
    const leaf = indexes[row] ?? -1;
    return leaf >= low && leaf < end;
  });
};

/**
 * Walks over one shard's segments from leaf `from` up to and without `to`, or from `to` back, and skips
 * what the summaries rule out. Rejects with {@link IndexIncomplete} at a segment that should be there.
 */
export const walkShard = (
  { index, filter, order, budget }: Walking,
  shard: number,
  { from, to }: { readonly from: number; readonly to: number },
): Walk => {
  const newest = order === 'newest';
  let at = newest ? to : from;
  let known: { readonly m: number; readonly skip: ReturnType<typeof skips> } | undefined;

  /** Whether a segment can be skipped; undefined when the budget is spent. */
  const canSkip = async (n: number, width: number): Promise<boolean | undefined> => {
    const m = Math.floor(n / summaryWidth);
    if (known?.m !== m) {
      if (!budget.take()) return undefined;
      const summary = await index.summary(shard, m);
      known = { m, skip: summary === undefined ? () => false : skips(summary, filter) };
    }
    return known.skip({ n, width });
  };

  const next = async (): Promise<Found | 'end' | 'spent'> => {
    while (newest ? at > from : at < to) {
      const n = Math.floor((newest ? at - 1 : at) / segmentWidth);
      const first = n * segmentWidth;
      const [low, high] = [Math.max(first, newest ? from : at), newest ? at : to];
      const end = Math.min(first + segmentWidth, high);
      const skipped = await canSkip(n, end - first);
      if (skipped === undefined) return 'spent';
      if (!skipped) {
        if (!budget.take()) return 'spent';
        const segment = await segmentOf(index, { shard, n, width: end - first });
        const rows = within(segment, select(segment, filter), low, end);
        at = newest ? low : end;
        if (rows.length > 0) return { group: segment, rows: newest ? rows.toReversed() : rows };
      }
      at = newest ? low : end;
    }
    return 'end';
  };
  return { next, at: () => at };
};
