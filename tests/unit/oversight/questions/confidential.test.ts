import { describe, expect, it } from 'vitest';
import { confidential } from '#shared/oversight/questions/confidential.ts';
import { answerOf, type Made } from './walk-stage.ts';

const span = { from: 1_800_000_000_000, until: 1_800_100_000_000 };

const asked = (n: number, basis: string, change: Partial<Made> = {}): Made => ({
  t: span.from + n * 1000,
  counter: 'counter:1',
  service: 'civil-registry/identity@1',
  basis,
  rule: 'granted',
  ...change,
});

const made = [
  asked(1, 'court.7', { counter: 'counter:2' }),
  asked(2, 'court.7'),
  asked(3, 'civil-code-1.12'),
  asked(4, 'court.7', { rule: 'basis-confidential', effect: 'deny', outcome: 'DENIED' }),
];

describe('under a confidential basis', () => {
  it('tells of each counter, service and basis how many, and how many were denied', async () => {
    const { findings, n } = await answerOf(confidential, made, {
      ...span,
      confidential: ['court.7', 'tax.12'],
    });
    expect(n).toBe(4);
    expect(findings).toEqual([
      {
        counter: 'counter:1',
        service: 'civil-registry/identity@1',
        basis: 'court.7',
        n: 2,
        denied: 1,
        first: new Date(span.from + 2000).toISOString(),
        last: new Date(span.from + 4000).toISOString(),
        ids: [expect.any(String), expect.any(String)],
        why: '2 inquiries under a confidential basis; 1 of them were denied.',
      },
      expect.objectContaining({ counter: 'counter:2', n: 1, denied: 0 }),
    ]);
  });

  it('is nothing where no basis is confidential', async () => {
    expect(await answerOf(confidential, made, span)).toEqual({ findings: [], n: 4 });
  });
});
