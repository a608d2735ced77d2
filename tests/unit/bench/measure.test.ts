import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inParallel, median, percentile } from '#tests/bench/measure.ts';

describe('the median', () => {
  it('is the middle one of an odd number of values', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('lies between the two middle ones of an even number', () => {
    expect(median([4, 1, 10, 2])).toBe(3);
  });
});

describe('a percentile', () => {
  it('is a value of its list that so large a share does not exceed', () => {
    const values = fc.array(fc.nat(1000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const found = percentile(list, share);
        expect(list).toContain(found);
        const below = list.filter((value) => value <= found).length;
        expect(below / list.length).toBeGreaterThanOrEqual(share - 1e-9);
      }),
    );
  });
});

describe('work in parallel', () => {
  it('does every item once and never more at a time than was said', async () => {
    const done: number[] = [];
    let open = 0;
    let most = 0;
    await inParallel(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
      open += 1;
      most = Math.max(most, open);
      await Promise.resolve();
      done.push(item);
      open -= 1;
    });
    expect({ done: done.toSorted((a, b) => a - b), most }).toEqual({
      done: [1, 2, 3, 4, 5, 6, 7],
      most: 3,
    });
  });
});
