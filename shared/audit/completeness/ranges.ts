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

/** An empty set: its memory grows with the gaps in it, not with the numbers. */
export const numberSet = (): NumberSet => {
  const all: Range[] = [];
  return {
    ranges: () => [...all],
    add: (number) => {
      const place = placeOf(all, number);
      const [before, at] = [all[place - 1], all[place]];
      if (at !== undefined && at.first <= number) return false;
      const joinsBefore = before?.last === number - 1;
      const joinsAt = at?.first === number + 1;
      const joined = {
        first: joinsBefore ? before.first : number,
        last: joinsAt ? at.last : number,
      };
      const from = joinsBefore ? place - 1 : place;
      all.splice(from, (joinsBefore ? 1 : 0) + (joinsAt ? 1 : 0), joined);
      return true;
    },
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
