import { IndexInvalid } from './index-invalid.ts';
import { openPrints, type Prints } from './prints.ts';
import { openSegment, type Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import type { SegmentSource } from './segment-source.ts';
import { openSummary, type Summary, summaryWidth } from './summary.ts';

/** How long an object is kept at most, in milliseconds: whole ones change when tags are taken out. */
const keptFor = 300_000;

/** An index whose objects are opened; a few of them are kept. */
export type OpenedIndex = {
  readonly segment: (shard: number, n: number) => Promise<Segment | undefined>;
  readonly summary: (shard: number, m: number) => Promise<Summary | undefined>;
  readonly prints: (shard: number, m: number) => Promise<Prints | undefined>;
};

type Load<Opened> = (shard: number, n: number) => Promise<Opened | undefined>;

/**
 * Keeps the objects that were used last, and shares a load among those who wait for it. What failed, is
 * missing or will still grow is not kept.
 */
const recent = <Opened>(
  most: number,
  load: Load<Opened>,
  isWhole: (opened: Opened) => boolean,
  now: () => number,
): Load<Opened> => {
  type Kept = { readonly since: number; readonly loading: Promise<Opened | undefined> };
  const kept = new Map<string, Kept>();
  const start = (key: string, shard: number, n: number): Kept => {
    const settled = async (): Promise<Opened | undefined> => {
      let whole = false;
      try {
        const opened = await load(shard, n);
        whole = opened !== undefined && isWhole(opened);
        return opened;
      } finally {
        // Before anybody who waits goes on: the next one who asks shall read it again.
        if (!whole && kept.get(key) === started) kept.delete(key);
      }
    };
    const started = { since: now(), loading: settled() };
    return started;
  };
  return (shard, n) => {
    const key = `${shard} ${n}`;
    const found = kept.get(key);
    const isFresh = found !== undefined && now() - found.since < keptFor;
    const used = isFresh ? found : start(key, shard, n);
    kept.delete(key);
    kept.set(key, used);
    const oldest = kept.keys().next();
    if (kept.size > most && oldest.done !== true) kept.delete(oldest.value);
    return used.loading;
  };
};

const rightly = <Opened>(opened: Opened, isAsked: boolean): Opened => {
  if (!isAsked) throw new IndexInvalid('An object of the index stands under the key of another.');
  return opened;
};

const areWhole = (widths: readonly number[]): boolean =>
  widths.length === summaryWidth && widths.every((width) => width === segmentWidth);

/**
 * Keeps so many segments, and so many summaries and prints. Rejects with {@link IndexInvalid}, and with
 * `store-unavailable`.
 */
export const openedIndex = (
  source: SegmentSource,
  most: { readonly segments: number; readonly summaries: number },
  now: () => number,
): OpenedIndex => ({
  segment: recent(
    most.segments,
    async (shard, n) => {
      const bytes = await source.segment(shard, n);
      const opened = bytes === undefined ? undefined : openSegment(bytes);
      return opened && rightly(opened, opened.shard === shard && opened.n === n);
    },
    ({ width }) => width === segmentWidth,
    now,
  ),
  summary: recent(
    most.summaries,
    async (shard, m) => {
      const bytes = await source.summary(shard, m);
      const opened = bytes === undefined ? undefined : openSummary(bytes);
      return opened && rightly(opened, opened.shard === shard && opened.m === m);
    },
    ({ spans }) => areWhole(spans.map(({ width }) => width)),
    now,
  ),
  prints: recent(
    most.summaries,
    async (shard, m) => {
      const bytes = await source.prints(shard, m);
      const opened = bytes === undefined ? undefined : openPrints(bytes);
      return opened && rightly(opened, opened.shard === shard && opened.m === m);
    },
    ({ widths }) => areWhole(widths),
    now,
  ),
});
