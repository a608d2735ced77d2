import { lazily, openBlocks, packBlocks } from './blocks.ts';
import { latestTime } from './entry-facts.ts';
import { meaning, type WordColumn, wordColumns } from './filter.ts';
import { IndexInvalid } from './index-invalid.ts';
import { packInts, readInts } from './ints.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import { openWordMasks, type WordMasks, withWords } from './word-masks.ts';

/** Segments that a summary is about; summary m of a shard is about those from m × this on. */
export const summaryWidth = 64;

/** Which segments: those of one summary. */
export type SummaryCover = { readonly shard: number; readonly m: number };

/** The blocks of a summary, in their order; one for each column of words follows. */
const head = 0;
const widths = 1;
const counts = 2;
const firsts = 3;
const lasts = 4;
const masks = 5;
const blockCount = masks + wordColumns.length;

/** What a summary says of one segment, but for its words: `first` and `last` are times, both included. */
export type Span = {
  readonly width: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

/** What is known of many segments without reading them. */
export type Summary = SummaryCover & {
  readonly spans: readonly Span[];
  readonly column: (name: WordColumn) => WordMasks;
};

const spanOf = ({ width, count, times }: Segment): Span => {
  const all = times();
  let [first, last] = [all[0] ?? 0, 0];
  for (const t of all) {
    first = Math.min(first, t);
    last = Math.max(last, t);
  }
  return { width, count, first, last };
};

/** The blocks of a summary as they stand, and what they say of each segment. */
const read = (bytes: Uint8Array) => {
  const blocks = openBlocks('summary', blockCount, bytes);
  const [shard = 0, m = 0, count = 0] = readInts(blocks(head), 3);
  if (count < 1 || count > summaryWidth) throw new IndexInvalid('A summary is of no segments.');
  const column = (block: number, most: number) => readInts(blocks(block), count, most);
  const [wide, rows] = [column(widths, segmentWidth), column(counts, segmentWidth)];
  const [first, last] = [column(firsts, latestTime), column(lasts, latestTime)];
  const spans = Array.from({ length: count }, (_, n): Span => {
    const [width = 0, held = 0] = [wide[n], rows[n]];
    if (width < 1 || held > width) {
      throw new IndexInvalid('A summary says of a segment what cannot be.');
    }
    return { width, count: held, first: first[n] ?? 0, last: last[n] ?? 0 };
  });
  return { shard, m, spans, blocks };
};

/**
 * Throws a RangeError for segments that are not in order, leave a gap behind those that are known, or
 * are of another summary.
 */
export const checkPlaces = (
  { shard, m }: SummaryCover,
  segments: readonly Segment[],
  before: (SummaryCover & { readonly known: number }) | undefined,
): void => {
  let [last, known] = [-1, before?.known ?? 0];
  const right = segments.every((one) => {
    const place = one.n - m * summaryWidth;
    const follows = one.shard === shard && place > last && place <= known;
    last = place;
    known = Math.max(known, place + 1);
    return follows;
  });
  const isSame = before === undefined || (before.shard === shard && before.m === m);
  if (!right || !isSame || known < 1 || known > summaryWidth) {
    throw new RangeError('These are not the segments of this summary.');
  }
};

/**
 * Sums up segments: the first ones, or more after those that a summary knows, or some of these anew. The
 * same segments give the same bytes, in however many steps. Throws a
 * RangeError for segments that are not of it, and {@link IndexInvalid}.
 */
export const encodeSummary = (
  cover: SummaryCover,
  segments: readonly Segment[],
  before?: Uint8Array,
): Uint8Array => {
  const known = before === undefined ? undefined : read(before);
  checkPlaces(cover, segments, known && { ...known, known: known.spans.length });
  const spans = [...(known?.spans ?? [])];
  for (const one of segments) spans[one.n - cover.m * summaryWidth] = spanOf(one);
  return packBlocks('summary', [
    packInts([cover.shard, cover.m, spans.length]),
    packInts(spans.map(({ width }) => width)),
    packInts(spans.map(({ count }) => count)),
    packInts(spans.map(({ first }) => first)),
    packInts(spans.map(({ last }) => last)),
    ...wordColumns.map((name, at) =>
      withWords(
        known?.blocks(masks + at) ?? new Uint8Array(),
        segments.map((one) => ({
          place: one.n - cover.m * summaryWidth,
          words: one
            .words(name)
            .words()
            .flatMap((word) => meaning(name, word)),
        })),
      ),
    ),
  ]);
};

/** Opens what {@link encodeSummary} made; throws {@link IndexInvalid}, at the latest when it is used. */
export const openSummary = (bytes: Uint8Array): Summary => {
  const { shard, m, spans, blocks } = read(bytes);
  const opened = new Map(
    wordColumns.map((name, at) => [name, lazily(() => openWordMasks(blocks(masks + at)))]),
  );
  return {
    shard,
    m,
    spans,
    column: (name) => {
      const column = opened.get(name);
      if (column === undefined) throw new IndexInvalid('There is no such column.');
      return column();
    },
  };
};
