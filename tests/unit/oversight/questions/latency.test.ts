import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latency } from '#shared/oversight/questions/latency.ts';
import { answerOf, type Made } from './walk-stage.ts';

const span = { from: 1_800_000_000_000, until: 1_800_100_000_000 };

const asked = (n: number, more: Partial<Made>): Made => ({ t: span.from + n * 1000, ...more });

const found = async (made: readonly Made[]) => (await answerOf(latency, made, span)).findings;

describe('how agencies answer', () => {
  it('tells of each agency how long, how often not, and by how', async () => {
    const outcomes = [
      'FOUND',
      'NO_MATCH',
      'REFUSED',
      'SOURCE_UNAVAILABLE',
      'TIMEOUT',
      'TIMEOUT',
      'INVALID_ANSWER',
      'ABORTED',
      'DENIED',
    ];
    const made = outcomes.map((outcome, n) => asked(n, { outcome, ms: (n + 1) * 10 }));
    expect(await found(made)).toEqual([
      {
        agency: 'agency:civil-registry',
        n: 8,
        answered: 3,
        failed: 5,
        failures: { unavailable: 1, timeout: 2, invalid: 1, aborted: 1 },
        ms: { p50: 20, p95: 30, p99: 30 },
        why: 'Of 8 inquiries 5 failed (62.5 %); of the others half were answered within 20 ms, 99 of 100 within 30 ms.',
      },
    ]);
  });

  it('tells no times of an agency that never answered', async () => {
    const made = ['TIMEOUT', 'SOURCE_UNAVAILABLE'].map((outcome, n) => asked(n, { outcome }));
    expect(await found(made)).toEqual([
      {
        agency: 'agency:civil-registry',
        n: 2,
        answered: 0,
        failed: 2,
        failures: { unavailable: 1, timeout: 1, invalid: 0, aborted: 0 },
        why: 'Of 2 inquiries none was answered.',
      },
    ]);
  });

  it('tells nothing of an agency that was never asked', async () => {
    expect(await found([asked(1, { outcome: 'DENIED' })])).toEqual([]);
  });

  it('tells the agency that failed the most often first, and then the one with the most', async () => {
    const of = (agency: string, outcomes: readonly string[]) =>
      outcomes.map((outcome, n) => asked(n, { agency, outcome }));
    const findings = await found([
      ...of('agency:a', ['FOUND']),
      ...of('agency:b', ['FOUND', 'TIMEOUT']),
      ...of('agency:c', ['FOUND', 'FOUND']),
    ]);
    expect(findings.map(({ agency }) => agency)).toEqual(['agency:b', 'agency:c', 'agency:a']);
  });

  it('tells a value within which that many were answered, and none less', async () => {
    const times = fc.array(fc.nat(50), { minLength: 1, maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(times, async (all) => {
        const [one] = await found(all.map((ms, n) => asked(n, { ms })));
        const values = Object.values(one?.['ms'] ?? {});
        for (const [n, part] of [0.5, 0.95, 0.99].entries()) {
          const value = Number(values[n]);
          const within = (most: number) => all.filter((ms) => ms <= most).length;
          expect(within(value)).toBeGreaterThanOrEqual(part * all.length);
          expect(within(value - 1)).toBeLessThan(part * all.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});
