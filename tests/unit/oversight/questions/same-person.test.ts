import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samePerson } from '#shared/oversight/questions/same-person.ts';
import { answerOf, type Made, tag } from './walk-stage.ts';

const span = { from: 1_800_000_000_000, until: 1_800_100_000_000 };

const asked = (n: number, operator: number, subject: number, more: Partial<Made> = {}): Made => ({
  t: span.from + n * 1000,
  operatorTag: tag(operator),
  subjectTag: tag(subject),
  ...more,
});

const times = (many: number, operator: number, subject: number): readonly Made[] =>
  Array.from({ length: many }, (_, n) => asked(n, operator, subject));

const found = async (made: readonly Made[], given: Readonly<Record<string, string>> = {}) => {
  const { findings } = await answerOf(samePerson, made, { ...span, given });
  return findings.map(({ operator, group, n }) => ({ operator, group, n }));
};

describe('one operator and one person', () => {
  it('are told at the fourth time, and not at the third', async () => {
    expect(await found(times(3, 1, 9))).toEqual([]);
    expect(await found(times(4, 1, 9))).toEqual([{ operator: tag(1), group: 1, n: 4 }]);
  });

  it('are told when it is asked for fewer', async () => {
    expect(await found(times(2, 1, 9), { 'more-than': '1' })).toHaveLength(1);
    expect(await found(times(4, 1, 9), { 'more-than': '4' })).toEqual([]);
  });

  it('are a pair: another operator’s or another person’s is not added', async () => {
    const made = [...times(3, 1, 9), ...times(3, 2, 9), ...times(3, 1, 8)];
    expect(await found(made)).toEqual([]);
  });

  it('are told with the most first, and two findings about one person have one group', async () => {
    const made = [...times(5, 1, 9), ...times(4, 2, 9), ...times(6, 3, 8)];
    expect(await found(made)).toEqual([
      { operator: tag(3), group: 1, n: 6 },
      { operator: tag(1), group: 2, n: 5 },
      { operator: tag(2), group: 2, n: 4 },
    ]);
  });

  it('are not told where one of them is not known', async () => {
    const unknown = times(5, 1, 9).map(({ subjectTag: _, ...one }) => one);
    expect(await found(unknown)).toEqual([]);
  });

  it('say where, of what, when and why, and nothing of the person', async () => {
    const made = [
      ...times(3, 1, 9),
      asked(9, 1, 9, { counter: 'counter:7', service: 'police/vehicle@1' }),
    ].map((one) => ({ ...one, counter: 'counter:7' }));
    const { findings, n } = await answerOf(samePerson, made, span);
    expect(n).toBe(4);
    expect(findings).toMatchObject([
      {
        group: 1,
        counter: 'counter:7',
        operator: tag(1),
        n: 4,
        first: new Date(span.from).toISOString(),
        last: new Date(span.from + 9000).toISOString(),
        services: ['civil-registry/identity@1', 'police/vehicle@1'],
        why: 'One operator asked 4 times about one person.',
      },
    ]);
    expect(findings[0]?.['ids']).toHaveLength(4);
    expect(JSON.stringify(findings)).not.toContain(tag(9));
  });

  it('are found again among more operators than can be named', async () => {
    const made = Array.from({ length: 40 }, (_, operator) => times(4, operator, 100 + operator));
    expect(await found(made.flat())).toHaveLength(40);
  });

  it('are those of which there are more, whatever was asked', async () => {
    const inquiries = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(inquiries, fc.integer({ min: 1, max: 5 }), async (pairs, most) => {
        const made = pairs.map(([operator, subject], n) => asked(n, operator, subject));
        const counts = new Map<string, number>();
        for (const pair of pairs.map(String)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
        const expected = [...counts.values()].filter((n) => n > most).toSorted((a, b) => b - a);
        const told = await found(made, { 'more-than': String(most) });
        expect(told.map(({ n }) => n)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
