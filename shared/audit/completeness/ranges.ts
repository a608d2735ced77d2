/** Whole numbers from `first` to `last`, both of them too. */
export type Range = { readonly first: number; readonly last: number };

/** A set of whole numbers, kept as the ranges that it falls into. */
export type NumberSet = {
  /** Adds a number; false when it is in the set already. */
  readonly add: (number: number) => boolean;
  /** Ascending, apart from one another. */
  readonly ranges: () => readonly Range[];
};

/** How many numbers ranges that do not overlap hold. */
export const countIn = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);

/** The place of the first of ascending ranges that ends at `number` or behind it. */
const placeOf = (ranges: readonly Range[], number: number): number => {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ranges[middle]?.last ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A range of numbers, and when its first and its last were used, in milliseconds since 1970. */
export type TimedRange = Range & { readonly begun: number; readonly ended: number };

/** A {@link NumberSet} that remembers when the numbers at the edges of its ranges were used. */
export type TimedSet = {
  /** Adds a number; false when it is in the set already, and its first time stands. */
  readonly add: (number: number, time: number) => boolean;
  readonly ranges: () => readonly TimedRange[];
};

/** An empty set: its memory grows with the gaps in it, not with the numbers. */
export const timedSet = (): TimedSet => {
  const all: TimedRange[] = [];
  return {
    ranges: () => [...all],
    add: (number, time) => {
      const place = placeOf(all, number);
      const [before, at] = [all[place - 1], all[place]];
      if (at !== undefined && at.first <= number) return false;
      const joined = before?.last === number - 1 ? before : undefined;
      const next = at?.first === number + 1 ? at : undefined;
      const range = {
        first: joined?.first ?? number,
        last: next?.last ?? number,
        begun: joined?.begun ?? time,
        ended: next?.ended ?? time,
      };
      const from = joined === undefined ? place : place - 1;
      all.splice(from, (joined === undefined ? 0 : 1) + (next === undefined ? 0 : 1), range);
      return true;
    },
  };
};

/** An empty set, as {@link timedSet} makes it. */
export const numberSet = (): NumberSet => {
  const { add, ranges } = timedSet();
  return {
    add: (number) => add(number, 0),
    ranges: () => ranges().map(({ first, last }) => ({ first, last })),
  };
};

/** What is in `whole` and in none of the others: these ascending, apart from one another. */
export const without = (whole: Range, others: readonly Range[]): readonly Range[] => {
  const left: Range[] = [];
  let { first } = whole;
  for (let place = placeOf(others, first); place < others.length; place += 1) {
    const other = others[place];
    if (other === undefined || other.first > whole.last) break;
    if (other.first > first) left.push({ first, last: other.first - 1 });
    first = other.last + 1;
  }
  if (first <= whole.last) left.push({ first, last: whole.last });
  return left;
};

/** What of ascending ranges is within `whole`. */
export const within = (whole: Range, others: readonly Range[]): readonly Range[] =>
  others
    .filter(({ first, last }) => last >= whole.first && first <= whole.last)
    .map(({ first, last }) => ({
      first: Math.max(first, whole.first),
      last: Math.min(last, whole.last),
    }));
