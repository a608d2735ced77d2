import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, gathered, sparkline } from '#shared/client/cli/audit/sparkline.ts';

describe('a sparkline', () => {
  it('shows the highest as the highest, and nothing as a dot', () => {
    expect(sparkline([0, 1, 4, 8])).toBe('·▁▄█');
    expect(sparkline([])).toBe('');
    expect(sparkline([0, 0])).toBe('··');
  });

  it('has a character for each count, and never a lower one for more', () => {
    const order = '·▁▂▃▄▅▆▇█';
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1 }), (counts) => {
        const line = sparkline(counts);
        expect(Array.from(line)).toHaveLength(counts.length);
        const sorted = Array.from(sparkline(counts.toSorted((a, b) => a - b)));
        const heights = sorted.map((one) => order.indexOf(one));
        expect(heights).toEqual(heights.toSorted((a, b) => a - b));
      }),
    );
  });

  it('gathers what does not fit, and loses none of it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), fc.integer({ min: 1, max: 50 }), (counts, most) => {
        const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
        const fewer = gathered(counts, most);
        expect(fewer.length).toBeLessThanOrEqual(most);
        expect(sum(fewer)).toBe(sum(counts));
      }),
    );
  });
});

describe('a bar', () => {
  it.each([
    [8, 8, 4, '████'],
    [4, 8, 4, '██'],
    [1, 32, 4, '▏'],
    [1, 1_000_000, 4, '▏'],
    [0, 8, 4, ''],
    [3, 0, 4, ''],
  ])('of %s beside %s in %s characters is %j', (count, most, width, shown) => {
    expect(bar(count, most, width)).toBe(shown);
  });
});
