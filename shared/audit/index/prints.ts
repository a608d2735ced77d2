import { fromBase64Url } from '../../kernel/bytes.ts';
import { openBlocks, packBlocks } from './blocks.ts';
import { type EntryFilter, type TagColumn, tagColumns, valuesOf } from './filter.ts';
import { IndexInvalid } from './index-invalid.ts';
import { packInts, readInts } from './ints.ts';
import type { Segment } from './segment.ts';
import { segmentWidth } from './segment-form.ts';
import type { Asked } from './skips.ts';
import { checkPlaces, type SummaryCover, summaryWidth } from './summary.ts';
import type { Tags } from './tags.ts';

/** A set of tags: where the bytes of each bucket end, by the first byte; then two bytes of each tag. */
const buckets = 256;
const headLength = 2 * buckets;

const head = 0;
const widths = 1;
const sets = 2;
const blockCount = sets + summaryWidth * tagColumns.length;

/** The first three bytes of each tag, sorted: tags are hashes, so any bytes of them tell them apart. */
const packSet = ({ count, tag }: Tags): Uint8Array => {
  const prints = Uint32Array.from({ length: count() }, (_, n) => {
    const [first = 0, second = 0, third = 0] = tag(n + 1);
    return first * 65_536 + second * 256 + third;
  }).toSorted();
  const block = new Uint8Array(headLength + 2 * prints.length);
  const view = new DataView(block.buffer);
  prints.forEach((print, n) => {
    view.setUint16(2 * Math.floor(print / 65_536), n + 1);
    view.setUint16(headLength + 2 * n, print % 65_536);
  });
  for (let bucket = 1; bucket < buckets; bucket += 1) {
    if (view.getUint16(2 * bucket) === 0)
      view.setUint16(2 * bucket, view.getUint16(2 * bucket - 2));
  }
  return block;
};

const mayHold = (set: Uint8Array, tag: Uint8Array): boolean => {
  const [bucket = 0, second = 0, third = 0] = tag;
  const view = new DataView(set.buffer, set.byteOffset, set.byteLength);
  const most = (set.length - headLength) / 2;
  const from = bucket === 0 ? 0 : view.getUint16(2 * bucket - 2);
  const to = view.getUint16(2 * bucket);
  if (from > to || to > most) throw new IndexInvalid('A set of prints is not in order.');
  for (let n = from; n < to; n += 1) {
    if (view.getUint16(headLength + 2 * n) === second * 256 + third) return true;
  }
  return false;
};

/** Which tags the segments of a summary may hold. */
export type Prints = SummaryCover & {
  readonly widths: readonly number[];
  readonly set: (place: number, column: TagColumn) => Uint8Array;
};

const blockOf = (place: number, column: TagColumn): number =>
  sets + place * tagColumns.length + tagColumns.indexOf(column);

/** Opens what {@link encodePrints} made; throws {@link IndexInvalid}, at the latest when it is used. */
export const openPrints = (bytes: Uint8Array): Prints => {
  const blocks = openBlocks('prints', blockCount, bytes);
  const [shard = 0, m = 0, count = 0] = readInts(blocks(head), 3);
  if (count < 1 || count > summaryWidth) throw new IndexInvalid('Prints are of no segments.');
  const known = [...readInts(blocks(widths), count, segmentWidth)];
  const set = (place: number, column: TagColumn): Uint8Array => {
    const block = blocks(blockOf(place, column));
    if (block.length < headLength || block.length % 2 > 0) {
      throw new IndexInvalid('A set of prints has another length.');
    }
    return block;
  };
  return { shard, m, widths: known, set };
};

/**
 * Three bytes of each tag in the segments of a summary, as `encodeSummary` takes them and in as many
 * steps: what looks for a tag opens the segments that hold it, and one in four thousand of the others.
 */
export const encodePrints = (
  cover: SummaryCover,
  segments: readonly Segment[],
  before?: Uint8Array,
): Uint8Array => {
  const { shard, m } = cover;
  const known = before === undefined ? undefined : openPrints(before);
  checkPlaces(cover, segments, known && { ...known, known: known.widths.length });
  const wide = [...(known?.widths ?? [])];
  const anew = new Map(segments.map((one) => [one.n - m * summaryWidth, one]));
  for (const [place, { width }] of anew) wide[place] = width;
  return packBlocks('prints', [
    packInts([shard, m, wide.length]),
    packInts(wide),
    ...Array.from({ length: summaryWidth }, (_, place) =>
      tagColumns.map((column) => {
        const segment = anew.get(place);
        if (segment !== undefined) return packSet(segment.tags[column]());
        const isKnown = known !== undefined && place < known.widths.length;
        return isKnown ? known.set(place, column) : new Uint8Array();
      }),
    ).flat(),
  ]);
};

/** Whether prints say that a segment holds none of the tags that a filter means, as `skips` does. */
export const lacks = (prints: Prints, filter: EntryFilter): ((asked: Asked) => boolean) => {
  const wanted = tagColumns.flatMap((column) => {
    const tags = valuesOf(filter[column])?.map((tag) => fromBase64Url(tag) ?? new Uint8Array());
    return tags === undefined ? [] : [{ column, tags }];
  });
  return ({ n, width }) => {
    const place = n - prints.m * summaryWidth;
    if ((prints.widths[place] ?? 0) < width) return false;
    return !wanted.every(({ column, tags }) => {
      const set = prints.set(place, column);
      return tags.some((tag) => mayHold(set, tag));
    });
  };
};
