import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, mergeHours, mergeSmall } from '#shared/oversight/open-data/merge-small.ts';

const floor = 10;
const cell = (name: string, n: number): Cell => ({ name, n });
const few = fc.oneof(fc.nat(3), fc.nat(12), fc.nat(40), fc.nat(5000));
const someCells = fc
  .array(few, { maxLength: 8 })
  .map((counts) => counts.map((n, place) => cell(`s${place}`, n)));
const sumOf = (cells: readonly { readonly n: number }[]): number =>
  cells.reduce((sum, { n }) => sum + n, 0);

describe('cells below the floor', () => {
  it.each([
    ['nothing is small', [12, 30], undefined, ['s0', 's1']],
    ['nothing is there', [0, 0], undefined, []],
    ['two small ones are enough together', [4, 7, 30], [['s0', 's1'], 11], ['s2']],
    ['one small one takes the smallest with it', [4, 30, 25], [['s0', 's2'], 29], ['s1']],
    [
      'three small ones that are still too few take one',
      [1, 2, 3, 50],
      [['s0', 's1', 's2', 's3'], 56],
      [],
    ],
    ['all together are too few', [4, 5], [['s0', 's1'], 9], []],
    ['those of 0 are no part of it', [0, 4, 30], [['s1', 's2'], 34], []],
  ] as const)('%s', (_, counts, merged, single) => {
    const told = mergeSmall(
      counts.map((n, place) => cell(`s${place}`, n)),
      floor,
    );
    expect(told.merged).toEqual(
      merged === undefined ? undefined : { names: merged[0], n: merged[1] },
    );
    expect(told.single.map(({ name }) => name).toSorted()).toEqual(single);
  });

  it('join those that have to be merged', () => {
    const told = mergeSmall([cell('a', 40), cell('b', 50)], floor, ({ name }) => name === 'b');
    expect(told).toEqual({ merged: { names: ['b'], n: 50 }, single: [cell('a', 40)] });
  });

  it('no sum or difference of what is told is a number below the floor', () => {
    fc.assert(
      fc.property(someCells, (cells) => {
        const { merged, single } = mergeSmall(cells, floor);
        const told = [...single, ...(merged === undefined ? [] : [merged])];
        expect(sumOf(told)).toBe(sumOf(cells));
        const isTooFew = sumOf(cells) < floor;
        // Groups share no cell: whatever is derived of them is a sum of some of them.
        expect(told.every(({ n }) => n >= floor || isTooFew)).toBe(true);
        expect(told.length < 2 || !isTooFew).toBe(true);
      }),
    );
  });

  it('are the same in whatever order they come', () => {
    const shuffled = someCells.chain((cells) =>
      fc.tuple(fc.constant(cells), fc.shuffledSubarray([...cells], { minLength: cells.length })),
    );
    fc.assert(
      fc.property(shuffled, ([cells, others]) => {
        expect(mergeSmall(others, floor)).toEqual(mergeSmall(cells, floor));
      }),
    );
  });
});

describe('hours', () => {
  it.each([
    [
      [0, 0, 12, 3, 4, 5, 0, 2],
      [
        [0, 3, 12],
        [3, 8, 14],
      ],
    ],
    [
      [10, 10],
      [
        [0, 1, 10],
        [1, 2, 10],
      ],
    ],
    [[3, 3, 3], []],
    [[0, 0, 0, 11], [[0, 4, 11]]],
    [[11, 0, 0, 0], [[0, 4, 11]]],
  ] as const)('%j are told in spans', (hours, spans) => {
    expect(mergeHours(hours, floor)).toEqual(spans.map(([from, to, n]) => ({ from, to, n })));
  });

  it('spans follow one another, hold all hours, and none is below the floor', () => {
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 25 }), (hours) => {
        const total = hours.reduce((sum, n) => sum + n, 0);
        const spans = mergeHours(hours, floor);
        expect(sumOf(spans)).toBe(total >= floor ? total : 0);
        expect(spans.every(({ n }) => n >= floor)).toBe(true);
        const ends = [0, ...spans.map(({ to }) => to)];
        expect(ends.slice(0, -1)).toEqual(spans.map(({ from }) => from));
        expect(ends.at(-1)).toBe(total >= floor ? hours.length : 0);
      }),
    );
  });
});
