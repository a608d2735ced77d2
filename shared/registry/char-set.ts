/** Code points from the first to the last, both in it. */
export type Span = readonly [number, number];

/** Code points as spans in order, with a gap between each two. */
export type CharSet = readonly Span[];

const last = 0x10_ffff;

export const setOf = (...spans: readonly Span[]): CharSet => {
  const merged: Span[] = [];
  for (const [from, to] of spans.toSorted(([one], [other]) => one - other)) {
    const before = merged.at(-1);
    if (before !== undefined && from <= before[1] + 1) {
      merged[merged.length - 1] = [before[0], Math.max(before[1], to)];
    } else merged.push([from, to]);
  }
  return merged;
};

export const union = (...sets: readonly CharSet[]): CharSet => setOf(...sets.flat());

export const complement = (set: CharSet): CharSet => {
  const gaps: Span[] = [];
  let from = 0;
  for (const [first, end] of set) {
    if (from < first) gaps.push([from, first - 1]);
    from = end + 1;
  }
  return from > last ? gaps : [...gaps, [from, last]];
};

export const overlap = (one: CharSet, other: CharSet): boolean =>
  one.some(([from, to]) => other.some(([first, end]) => from <= end && first <= to));

const digits = setOf([0x30, 0x39]);
const word = setOf([0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]);

/** White space and line ends (ECMA-262 §12.2, §12.3). */
const space = setOf(
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
);

/** What `.` stands for: everything but line ends. */
export const anyOnLine = complement(setOf([0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]));

/** The sets that an escape names (ECMA-262 §22.2.2.9). */
export const namedSets: ReadonlyMap<string, CharSet> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', word],
  ['W', complement(word)],
  ['s', space],
  ['S', complement(space)],
]);
