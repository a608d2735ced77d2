import { tagColumns, wordColumns } from './filter.ts';
import { lacks } from './prints.ts';
import { segmentWidth } from './segment-form.ts';
import { type Asked, skips } from './skips.ts';
import { summaryWidth } from './summary.ts';
import type { Walking } from './walking.ts';

/** Of a summary's segments: whether one can be left out. */
type Test = (asked: Asked) => boolean;

/** Summaries that are read ahead once a walk came to a second one. */
const mostAhead = 4;

const summedUp = ['from', 'to', 'id', 'within', ...wordColumns] as const;

const summaryOf = (leaf: number): number => Math.floor(leaf / (segmentWidth * summaryWidth));

const ignore = (): undefined => undefined;

/**
 * Whether a segment can be left out, by what is known of 64 at once; undefined when the budget is spent.
 * It is asked in the order of the walk. A filter of which summaries or prints know nothing reads none.
 */
export const sieveOf = (
  { index, filter, order, budget }: Walking,
  shard: number,
  { from, to }: { readonly from: number; readonly to: number },
): ((asked: Asked) => Promise<boolean | undefined>) => {
  const bySummary = summedUp.some((name) => filter[name] !== undefined);
  const byPrints = tagColumns.some((name) => filter[name] !== undefined);
  const load = async (m: number): Promise<readonly Test[]> => {
    const [summary, prints] = await Promise.all([
      bySummary ? index.summary(shard, m) : undefined,
      byPrints ? index.prints(shard, m) : undefined,
    ]);
    return [
      ...(summary === undefined ? [] : [skips(summary, filter)]),
      ...(prints === undefined ? [] : [lacks(prints, filter)]),
    ];
  };

  const last = order === 'newest' ? summaryOf(from) : summaryOf(Math.max(from, to - 1));
  const step = order === 'newest' ? -1 : 1;
  const waiting: Promise<readonly Test[]>[] = [];
  let known: { readonly m: number; readonly tests: readonly Test[] } | undefined;
  let next: number | undefined;

  /** Asks for the next summary, when there is one and the budget is left for it. */
  const askOne = (): boolean => {
    if (next === undefined || (last - next) * step < 0) return false;
    if ((bySummary && !budget.take()) || (byPrints && !budget.take())) return false;
    const loading = load(next);
    // It rejects for whoever waits for it, perhaps nobody.
    loading.catch(ignore);
    waiting.push(loading);
    next += step;
    return true;
  };

  return async (asked) => {
    const m = Math.floor(asked.n / summaryWidth);
    if (known?.m !== m) {
      const ahead = known === undefined ? 0 : mostAhead;
      next ??= m;
      while (waiting.length <= ahead && askOne());
      const loading = waiting.shift();
      if (loading === undefined) return undefined;
      known = { m, tests: await loading };
    }
    return known.tests.some((test) => test(asked));
  };
};
