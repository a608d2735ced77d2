import { IndexIncomplete } from './index-invalid.ts';
import type { OpenedIndex } from './opened-index.ts';
import type { RowGroup } from './row-group.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import { select } from './select.ts';
import { sieveOf } from './sieve.ts';
import type { Asked } from './skips.ts';
import type { Walking } from './walking.ts';

/**
 * Which leaves of a shard are looked at: those before `size`, which the index must know, from `from`
 * on, or from its first.
 */
export type Reach = { readonly shard: number; readonly size: number; readonly from?: number };

/** Objects that one step of a walk may ask for: a summary, the prints beside it, and a segment. */
export const objectsOfStep = 3;

/** Rows that a filter means, at least one, in the order of a walk, within the leaves from..to. */
export type Found = { readonly group: RowGroup; readonly rows: Uint32Array };

export type Walk = {
  /** The next group with rows; `end` where the shard ends, `spent` where the budget does. */
  readonly next: () => Promise<Found | 'end' | 'spent'>;
  /**
   * Where a walk that ended or is spent goes on: at the next leaf that it has not seen, or for `newest`
   * at the one behind it.
   */
  readonly at: () => number;
};

/** Segments that are read ahead at most, once a walk turned out to need more than its first. */
const mostAhead = 16;

/** The leaves of a segment that a walk comes to. */
type Stretch = { readonly n: number; readonly low: number; readonly end: number };

/** A segment that knows its first `width` leaves; one that was just being put is asked for again. */
const segmentOf = async (
  index: OpenedIndex,
  shard: number,
  { n, width }: Asked,
): Promise<Segment> => {
  const first = await index.segment(shard, n);
  const found = first !== undefined && first.width < width ? await index.segment(shard, n) : first;
  if (found === undefined || found.width < width) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing or too short.`);
  }
  return found;
};

/** The rows of the leaves from `low` up to and without `end`. */
const within = (segment: Segment, rows: Uint32Array, { low, end }: Stretch): Uint32Array => {
  const first = segment.n * segmentWidth;
  if (rows.length === 0 || (low === first && end === first + segment.width)) return rows;
  const indexes = segment.indexes();
  return rows.filter((row) => {
    const leaf = indexes[row] ?? -1;
    return leaf >= low && leaf < end;
  });
};

const ignore = (): undefined => undefined;

/**
 * Walks over one shard's segments from leaf `from` up to and without `to`, or from `to` back, and skips
 * what the sieve rules out. What it needs next is read ahead, more of it the longer it goes.
 * Rejects with {@link IndexIncomplete} at a segment that should be there.
 */
export const walkShard = (
  walking: Walking,
  shard: number,
  { from, to }: { readonly from: number; readonly to: number },
): Walk => {
  const { index, filter, order, budget } = walking;
  const newest = order === 'newest';
  const sieve = sieveOf(walking, shard, { from, to });
  const waiting: (Stretch & { readonly opened: Promise<Segment> })[] = [];
  /** Everything before this was seen, left out, or is waited for. */
  let asked = newest ? to : from;
  let ahead = 1;
  let stopped: 'end' | 'spent' | undefined;

  const stretchAt = (): Stretch | undefined => {
    if (newest ? asked <= from : asked >= to) return undefined;
    const n = Math.floor((newest ? asked - 1 : asked) / segmentWidth);
    const [first, behind] = [n * segmentWidth, (n + 1) * segmentWidth];
    return newest
      ? { n, low: Math.max(first, from), end: asked }
      : { n, low: asked, end: Math.min(behind, to) };
  };

  /** Asks for the next segment that may hold something; otherwise says why there is none. */
  const askOne = async (): Promise<'end' | 'spent' | undefined> => {
    for (let stretch = stretchAt(); stretch !== undefined; stretch = stretchAt()) {
      const { n, low, end } = stretch;
      const wanted = { n, width: end - n * segmentWidth };
      const isOut = await sieve(wanted);
      if (isOut === undefined || (!isOut && !budget.take())) return 'spent';
      asked = newest ? low : end;
      if (!isOut) {
        const opened = segmentOf(index, shard, wanted);
        // It rejects for whoever waits for it, perhaps nobody.
        opened.catch(ignore);
        waiting.push({ ...stretch, opened });
        return undefined;
      }
    }
    return 'end';
  };

  const next = async (): Promise<Found | 'end' | 'spent'> => {
    for (;;) {
      while (waiting.length < ahead && stopped === undefined) stopped = await askOne();
      const one = waiting.shift();
      if (one === undefined) return stopped ?? 'end';
      ahead = Math.min(mostAhead, ahead * 2);
      const segment = await one.opened;
      const rows = within(segment, select(segment, filter), one);
      if (rows.length > 0) return { group: segment, rows: newest ? rows.toReversed() : rows };
    }
  };
  return { next, at: () => asked };
};
