import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outsideHours } from '#shared/oversight/questions/outside-hours.ts';
import { answerOf, at, type Made } from './walk-stage.ts';

const span = { from: at('2027-01-09T20:30:00Z'), until: at('2027-01-16T20:30:00Z') };

/** By the clock of Tehran, three and a half hours ahead; the 15th of January 2027 is a Friday. */
const askedAt = (clock: string, counter = 'counter:1'): Made => ({
  t: at(`${clock}+03:30`),
  counter,
});

const outside = async (made: readonly Made[], given: Readonly<Record<string, string>> = {}) => {
  const { findings } = await answerOf(outsideHours, made, { ...span, given });
  return findings.map(({ counter, n, of, off }) => ({ counter, n, of, off }));
};

describe('asked outside office hours', () => {
  it.each([
    ['2027-01-11T08:00:00', 0, 0],
    ['2027-01-11T15:59:59.999', 0, 0],
    ['2027-01-11T16:00:00', 1, 0],
    ['2027-01-11T07:59:59.999', 1, 0],
    ['2027-01-11T00:00:00', 1, 0],
    ['2027-01-11T23:59:59', 1, 0],
    ['2027-01-15T10:00:00', 1, 1],
    ['2027-01-14T23:59:59', 1, 0],
    ['2027-01-16T10:00:00', 0, 0],
  ])('%s by the clock of Tehran: %d, on a day off %d', async (clock, n, off) => {
    const found = await outside([askedAt(clock)]);
    expect(found).toEqual(n === 0 ? [] : [{ counter: 'counter:1', n, of: 1, off }]);
  });

  it('takes other hours and other days off', async () => {
    const made = [askedAt('2027-01-14T18:00:00'), askedAt('2027-01-15T10:00:00')];
    expect(await outside(made, { hours: '8-20', 'days-off': 'none' })).toEqual([]);
    expect(await outside(made, { hours: '0-24', 'days-off': 'thu,fri' })).toEqual([
      { counter: 'counter:1', n: 2, of: 2, off: 2 },
    ]);
  });

  it('knows the summer time of former years', async () => {
    const from = at('2022-06-01T00:00:00Z');
    const early = { t: at('2022-06-01T03:45:00Z') };
    const { findings } = await answerOf(outsideHours, [early], { from, until: from + 86_400_000 });
    // 8:15 there, and 7:15 by the clock of winter.
    expect(findings).toEqual([]);
  });

  it('tells the counters with the most first, when it was, and why', async () => {
    const made = [
      askedAt('2027-01-11T10:00:00', 'counter:2'),
      askedAt('2027-01-11T20:00:00', 'counter:2'),
      askedAt('2027-01-12T20:00:00', 'counter:1'),
      askedAt('2027-01-13T20:00:00', 'counter:1'),
    ];
    const { findings, n } = await answerOf(outsideHours, made, span);
    expect(n).toBe(4);
    expect(findings.map(({ counter }) => counter)).toEqual(['counter:1', 'counter:2']);
    expect(findings[0]).toMatchObject({
      n: 2,
      first: '2027-01-12T16:30:00.000Z',
      last: '2027-01-13T16:30:00.000Z',
      ids: [expect.stringMatching(/^[0-9a-f-]{36}$/), expect.any(String)],
      why: '2 of 2 inquiries outside the office hours of Tehran, 0 of them on a day off.',
    });
    const persian = await answerOf(outsideHours, made, { ...span, language: 'fa' });
    expect(persian.findings[0]?.why).toContain('۲ استعلام از ۲');
  });

  it('tells of each counter as many as lie outside, whatever was asked', async () => {
    const minutes = fc.integer({ min: 0, max: 7 * 24 * 60 - 1 });
    const inquiries = fc.array(
      fc.record({ minute: minutes, counter: fc.constantFrom('counter:1', 'counter:2') }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(inquiries, async (asked) => {
        const made = asked.map(({ minute, counter }) => ({
          t: span.from + minute * 60_000,
          counter,
        }));
        const found = new Map((await outside(made)).map(({ counter, n }) => [counter, n]));
        for (const counter of ['counter:1', 'counter:2']) {
          const expected = asked.filter((one) => {
            // The span begins on a Sunday; Friday is its sixth day.
            const [day, time] = [Math.floor(one.minute / 1440), one.minute % 1440];
            return one.counter === counter && (day === 5 || time < 480 || time >= 960);
          });
          expect(found.get(counter) ?? 0).toBe(expected.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});
