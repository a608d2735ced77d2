import type { LateEntry, Places, Range } from './log-index.ts';

/** Each once by what it says. */
const distinct = <Item>(items: readonly Item[], textOf: (item: Item) => string): readonly Item[] =>
  [...Map.groupBy(items, textOf).values()].flatMap((same) => same.slice(0, 1));

const rangeText = ({ bucket, slot, start, count }: Range): string =>
  `${bucket} ${slot} ${start} ${count}`;

const lateText = ({ bucket, slot, index, id }: LateEntry): string =>
  `${bucket} ${slot} ${index} ${id}`;

/** Two texts in the order of the two numbers, and of their own where those are equal. */
const ordered = (numbers: number, a: string, b: string): number => {
  if (numbers !== 0 || a === b) return numbers;
  return a < b ? -1 : 1;
};

const byStart = (a: Range, b: Range): number =>
  ordered(a.start === b.start ? a.count - b.count : a.start - b.start, rangeText(a), rangeText(b));

const byIndex = (a: LateEntry, b: LateEntry): number =>
  ordered(a.index - b.index, lateText(a), lateText(b));

/** Everything that some places say, once each and in the order of the log. */
export const mergePlaces = (all: readonly Places[]): Places => ({
  ranges: distinct(
    all.flatMap(({ ranges }) => ranges),
    rangeText,
  ).toSorted(byStart),
  late: distinct(
    all.flatMap(({ late }) => late),
    lateText,
  ).toSorted(byIndex),
});

/** What some places say of one partition. */
export const placesWithin = (
  { ranges, late }: Places,
  { bucket, slot }: { readonly bucket: number; readonly slot: number },
): Places => ({
  ranges: ranges.filter((range) => range.bucket === bucket && range.slot === slot),
  late: late.filter((entry) => entry.bucket === bucket && entry.slot === slot),
});
