import { ascending } from '../../audit/ascending.ts';

/** How many of something there are. */
export type Cell = { readonly name: string; readonly n: number };

/** Cells that are told as one, by their names. */
export type Group = { readonly names: readonly string[]; readonly n: number };

const bySize = (a: Cell, b: Cell): number => a.n - b.n || ascending(a.name, b.name);

const together = (cells: readonly Cell[]): Group => ({
  names: cells.map(({ name }) => name).toSorted(ascending),
  n: cells.reduce((sum, { n }) => sum + n, 0),
});

/** What is told as one with others, and what stands by itself: each at least `floor`. */
export type Merged = { readonly merged: Group | undefined; readonly single: readonly Cell[] };

/**
 * Puts the cells below a floor, and those that have to be, into one group. Where even that is below it,
 * the smallest of the others join, for whoever knew the sum could subtract them. What is left of the
 * group is below the floor only where all cells together are. Cells of 0 are left out. The same
 * cells give the same groups, in whatever order they come.
 */
export const mergeSmall = (
  cells: readonly Cell[],
  floor: number,
  mustMerge: (cell: Cell) => boolean = () => false,
): Merged => {
  const there = cells.filter(({ n }) => n > 0).toSorted(bySize);
  const isSmall = (cell: Cell): boolean => cell.n < floor || mustMerge(cell);
  const small = there.filter(isSmall);
  const large = there.filter((cell) => !isSmall(cell));
  if (small.length === 0) return { merged: undefined, single: large };
  let joined = 0;
  const sumOf = (): number => together([...small, ...large.slice(0, joined)]).n;
  while (sumOf() < floor && joined < large.length) joined += 1;
  return {
    merged: together([...small, ...large.slice(0, joined)]),
    single: large.slice(joined),
  };
};

/** Hours from `from` up to and without `to`, counted from the beginning of a day. */
export type Span = { readonly from: number; readonly to: number; readonly n: number };

/**
 * Hours one after another in spans of at least `floor`, as short as they can be from the first on; no
 * span where all of them together are fewer.
 */
export const mergeHours = (hours: readonly number[], floor: number): readonly Span[] => {
  const spans: Span[] = [];
  let [from, n] = [0, 0];
  hours.forEach((count, hour) => {
    n += count;
    if (n < floor) return;
    spans.push({ from, to: hour + 1, n });
    [from, n] = [hour + 1, 0];
  });
  const last = spans.at(-1);
  if (last === undefined || from === hours.length) return spans;
  return [...spans.slice(0, -1), { from: last.from, to: hours.length, n: last.n + n }];
};
