import { describe, expect, it } from 'vitest';
import { noCase } from '#shared/oversight/questions/no-case.ts';
import { answerOf, type Made } from './walk-stage.ts';

const span = { from: 1_800_000_000_000, until: 1_800_100_000_000 };

const asked = (n: number, hasCase: boolean | undefined, counter = 'counter:1'): Made => ({
  t: span.from + n * 1000,
  counter,
  ...(hasCase !== undefined && { hasCase }),
});

describe('asked without a case', () => {
  it('tells how many of each counter, of how many, and of how many it is not known', async () => {
    const made = [
      asked(1, false),
      asked(2, false),
      asked(3, true),
      asked(4, undefined),
      asked(5, true, 'counter:2'),
      asked(6, undefined, 'counter:3'),
    ];
    const { findings, n } = await answerOf(noCase, made, span);
    expect(n).toBe(6);
    expect(findings).toEqual([
      {
        counter: 'counter:1',
        n: 2,
        of: 4,
        unknown: 1,
        first: new Date(span.from + 1000).toISOString(),
        last: new Date(span.from + 2000).toISOString(),
        ids: [expect.any(String), expect.any(String)],
        why: '2 of 4 inquiries name no case.',
      },
    ]);
  });

  it('tells those with the most first', async () => {
    const made = [asked(1, false, 'counter:1'), ...[2, 3].map((n) => asked(n, false, 'counter:2'))];
    const { findings } = await answerOf(noCase, made, span);
    expect(findings.map(({ counter }) => counter)).toEqual(['counter:2', 'counter:1']);
  });
});
