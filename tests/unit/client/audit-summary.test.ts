import { describe, expect, it } from 'vitest';
import { followSummary } from '#shared/client/audit-summary.ts';

const range = { from: '2027-01-01T00:00:00.000Z', until: '2027-01-02T00:00:00.000Z' };

const part = (by: string, counts: Readonly<Record<string, number>>, next?: string) => ({
  ...range,
  n: Object.values(counts).reduce((sum, n) => sum + n, 0),
  summary: [{ by, counts: Object.entries(counts).map(([value, n]) => ({ value, n })) }],
  ...(next !== undefined && { next }),
});

const summaryOf = (parts: readonly ReturnType<typeof part>[], by: string, limit?: number) => {
  const left = [...parts];
  return followSummary(async () => left.shift() ?? {}, { by, limit });
};

describe('a summary of several parts', () => {
  it('tells as many of the greatest values as are asked for, and the others as one', async () => {
    const parts = [part('counter', { a: 1, b: 2, c: 3 }, 'more'), part('counter', { a: 9, d: 1 })];
    expect(await summaryOf(parts, 'counter', 2)).toEqual({
      ...range,
      n: 16,
      summary: [
        {
          by: 'counter',
          counts: [
            { value: 'a', n: 10 },
            { value: 'c', n: 3 },
          ],
          rest: 3,
        },
      ],
    });
  });

  it('tells a hundred where nothing is said, as a summary of one part does', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`s-${n}`, 1]));
    const { summary } = await summaryOf(
      [part('station', many, 'more'), part('station', {})],
      'station',
    );
    expect(summary[0]?.counts).toHaveLength(100);
    expect(summary[0]?.rest).toBe(1);
  });

  it('tells every day', async () => {
    const parts = [part('day', { '2027-01-01': 1 }, 'more'), part('day', { '2027-01-02': 2 })];
    expect((await summaryOf(parts, 'day', 1)).summary[0]?.counts).toHaveLength(2);
  });
});
