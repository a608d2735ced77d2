import { concat, utf8 } from '../../kernel/bytes.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { lazily, openBlocks, packBlocks, wordsBlock } from './blocks.ts';
import { latestTime } from './entry-facts.ts';
import { type EntryFilter, valuesOf, type WordColumn, wordColumns } from './filter.ts';
import { IndexInvalid } from './index-invalid.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import { readDeltas, readVarints, writeDeltas, writeVarints } from './varints.ts';

/** Segments that a summary is about; summary m of a shard is about those from m × this on. */
export const summaryWidth = 64;

/** A column with more words than this is not told: nothing is skipped by it. */
const mostWords = 32_768;

const fixedBlocks = 4;
const blockCount = fixedBlocks + 2 * wordColumns.length;

/** What a summary says of one segment, but for its words. Times in milliseconds, both ends included. */
type Span = {
  readonly width: number;
  readonly count: number;
  readonly t: readonly [first: number, last: number];
  /** The times in the ids. */
  readonly id: readonly [first: number, last: number];
};

const idTime = (bytes: Uint8Array): number => Buffer.from(bytes.subarray(0, 6)).readUIntBE(0, 6);

const ends = (numbers: Float64Array): readonly [number, number] =>
  numbers.reduce<readonly [number, number]>(
    ([low, high], number) => [Math.min(low, number), Math.max(high, number)],
    numbers.length === 0 ? [0, 0] : [Number.POSITIVE_INFINITY, 0],
  );

const spanOf = ({ width, count, times, ids }: Segment): Span => {
  const idTimes = Float64Array.from({ length: count }, (_, row) =>
    idTime(ids().at(row) ?? new Uint8Array(6)),
  );
  return { width, count, t: ends(times()), id: ends(idTimes) };
};

/** In which of the segments a word occurs: bit n of eight bytes, the lowest first. */
const packColumn = (
  segments: readonly Segment[],
  column: WordColumn,
): readonly [words: Uint8Array, masks: Uint8Array] => {
  const masks = new Map<string, Uint8Array>();
  segments.forEach((segment, n) => {
    for (const word of segment.words(column).words()) {
      const mask = masks.get(word) ?? new Uint8Array(8);
      const at = Math.floor(n / 8);
      mask[at] = (mask[at] ?? 0) + 2 ** (n % 8);
      masks.set(word, mask);
    }
  });
  if (masks.size > mostWords) return [new Uint8Array(), Uint8Array.of(0)];
  const words = [...masks.keys()].toSorted();
  return [wordsBlock(words), concat(...words.map((word) => masks.get(word) ?? new Uint8Array(8)))];
};

/** Sums up the segments of a summary, from its first on without a gap; throws a RangeError else. */
export const encodeSummary = (
  { shard, m }: { readonly shard: number; readonly m: number },
  segments: readonly Segment[],
): Uint8Array => {
  const right = segments.every((one, n) => one.shard === shard && one.n === m * summaryWidth + n);
  if (!right || segments.length < 1 || segments.length > summaryWidth) {
    throw new RangeError('These are not the segments of this summary.');
  }
  const spans = segments.map(spanOf);
  return packBlocks('summary', [
    writeVarints([shard, m, segments.length]),
    writeVarints(spans.flatMap(({ width, count }) => [width, count])),
    writeDeltas(spans.flatMap(({ t }) => t)),
    writeDeltas(spans.flatMap(({ id }) => id)),
    ...wordColumns.flatMap((column) => packColumn(segments, column)),
  ]);
};

type ColumnMasks = {
  /** Bits of the segments in which one of these words occurs; undefined when that is not told. */
  readonly having: (words: readonly string[]) => bigint | undefined;
};

const newline = 0x0a;

/** Which line of a block a word is; undefined when it is none. Nothing is made of the other lines. */
const lineOf = (lines: Buffer, word: string): number | undefined => {
  const found = lines.indexOf(`\n${word}\n`);
  if (found < 0 || word.includes('\n')) return undefined;
  let line = 0;
  for (let at = 0; at < found; at += 1) if (lines[at] === newline) line += 1;
  return line;
};

const openColumn = (words: Uint8Array, masks: Uint8Array): ColumnMasks => {
  if (masks.length === 1) return { having: () => undefined };
  const lines = Buffer.from(concat(utf8('\n'), words, utf8('\n')));
  const view = Buffer.from(masks.buffer, masks.byteOffset, masks.byteLength);
  const maskOf = (word: string): bigint => {
    const line = lineOf(lines, word);
    if (line === undefined) return 0n;
    if (8 * line + 8 > view.length) throw new IndexInvalid('A summary lacks a mask.');
    return view.readBigUInt64LE(8 * line);
  };
  return { having: (wanted) => wanted.reduce((mask, word) => mask | maskOf(word), 0n) };
};

/** What is known of many segments without reading them. */
export type Summary = {
  readonly shard: number;
  readonly m: number;
  readonly spans: readonly Span[];
  readonly column: (name: WordColumn) => ColumnMasks;
};

const pairAt = (numbers: Float64Array, n: number): readonly [number, number] => [
  numbers[2 * n] ?? 0,
  numbers[2 * n + 1] ?? 0,
];

/** Opens what {@link encodeSummary} made; throws {@link IndexInvalid}, at the latest when it is used. */
export const openSummary = (bytes: Uint8Array): Summary => {
  const blocks = openBlocks('summary', blockCount, bytes);
  const [shard = 0, m = 0, count = 0] = readVarints(blocks(0), 3);
  if (count < 1 || count > summaryWidth) throw new IndexInvalid('A summary is of no segments.');
  const sizes = readVarints(blocks(1), 2 * count);
  const times = readDeltas(blocks(2), 2 * count, latestTime);
  const ids = readDeltas(blocks(3), 2 * count, latestTime);
  const spans = Array.from({ length: count }, (_, n): Span => {
    const [width, rows] = pairAt(sizes, n);
    if (width < 1 || width > segmentWidth || rows > width) {
      throw new IndexInvalid('A summary says of a segment what cannot be.');
    }
    return { width, count: rows, t: pairAt(times, n), id: pairAt(ids, n) };
  });
  const opened = new Map(
    wordColumns.map((name, n) => [
      name,
      lazily(() => openColumn(blocks(fixedBlocks + 2 * n), blocks(fixedBlocks + 2 * n + 1))),
    ]),
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

const overlaps = (
  { t, id, count }: Span,
  { from = 0, to = Number.POSITIVE_INFINITY }: EntryFilter,
  ids: readonly number[] | undefined,
): boolean =>
  count > 0 &&
  t[1] >= from &&
  t[0] < to &&
  (ids === undefined || ids.some((time) => id[0] <= time && time <= id[1]));

/**
 * Whether the first `width` leaves of segment n of the log cannot hold what a filter means. False for a
 * segment that the summary does not know, or of which it knows fewer leaves. Tags are not summed up.
 */
export const skips = (
  summary: Summary,
  filter: EntryFilter,
): ((segment: { readonly n: number; readonly width: number }) => boolean) => {
  const masks = wordColumns.flatMap((name): readonly bigint[] => {
    const wanted = valuesOf(filter[name]);
    const mask = wanted === undefined ? undefined : summary.column(name).having(wanted);
    return mask === undefined ? [] : [mask];
  });
  const left = masks.reduce((all, mask) => all & mask, 2n ** BigInt(summaryWidth) - 1n);
  const ids = valuesOf<string>(filter.id)?.map((id) => timeOf(InquiryId.parse(id)));
  return ({ n, width }) => {
    const place = n - summary.m * summaryWidth;
    const span = summary.spans[place];
    if (span === undefined || span.width < width) return false;
    return ((left >> BigInt(place)) & 1n) === 0n || !overlaps(span, filter, ids);
  };
};
