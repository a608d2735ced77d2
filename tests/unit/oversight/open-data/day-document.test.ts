import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DayCounts, ServiceCounts } from '#shared/oversight/open-data/day-counts.ts';
import {
  DayDocument,
  dayBytes,
  dayCsv,
  dayDocument,
  floor,
} from '#shared/oversight/open-data/day-document.ts';

const day = '2026-11-22';
type Classes = ServiceCounts['classes'];
const of = (classes: Partial<Classes>, allowed = 1): ServiceCounts => ({
  classes: { answered: 0, pending: 0, refused: 0, failed: 0, ...classes },
  allowed,
});
const totalOf = ({ classes }: ServiceCounts): number =>
  classes.answered + classes.pending + classes.refused + classes.failed;

/** All of it in one hour, unless it is said. */
const countsOf = (
  services: Readonly<Record<string, ServiceCounts>>,
  hours?: readonly number[],
): DayCounts => {
  const total = Object.values(services).reduce((sum, counts) => sum + totalOf(counts), 0);
  return { services: new Map(Object.entries(services)), hours: hours ?? [0, total, 0] };
};

const few = fc.oneof(fc.constant(0), fc.nat(3), fc.nat(12), fc.nat(30), fc.nat(900));
const someServices = fc.array(
  fc.record({
    classes: fc.record({ answered: few, pending: few, refused: few, failed: few }),
    allowed: fc.constantFrom(0, 1, 5),
  }),
  { maxLength: 6 },
);
/** The same entries again, cut another way. */
const someDays = fc
  .tuple(someServices, fc.nat(22), fc.integer({ min: 1, max: 300 }))
  .map(([services, step, most]) => {
    const hours = Array.from({ length: 24 }, () => 0);
    let left = services.reduce((sum, counts) => sum + totalOf(counts), 0);
    for (let at = 0; left > 0; at = (at + 1 + step) % 24) {
      const some = Math.min(left, most);
      hours[at] = (hours[at] ?? 0) + some;
      left -= some;
    }
    return countsOf(
      Object.fromEntries(services.map((counts, place) => [`a/s${place}@1`, counts])),
      hours,
    );
  });

const numbersOf = ({ total, services, hours }: DayDocument): readonly number[] => [
  ...(total === null ? [] : [total]),
  ...services.flatMap(({ counts }) => counts.map(({ n }) => n)),
  ...hours.map(({ n }) => n),
];

describe('what the public is told of a day', () => {
  it('small services are told together, small outcomes with the smallest other one', () => {
    const counts = countsOf(
      {
        'a/big@1': of({ answered: 1204, failed: 4, refused: 31 }),
        'a/small@1': of({ answered: 6 }),
        'b/small@1': of({ answered: 5, pending: 2 }),
      },
      [0, 0, 4, 3, 1245],
    );
    expect(dayDocument(day, counts)).toEqual({
      day,
      floor: 10,
      total: 1250,
      services: [
        {
          service: 'a/big@1',
          counts: [
            { outcomes: ['answered'], n: 1200 },
            { outcomes: ['refused', 'failed'], n: 40 },
          ],
        },
        { service: 'other', counts: [{ outcomes: ['answered', 'pending'], n: 10 }] },
      ],
      hours: [{ from: 0, to: 5, n: 1250 }],
    });
  });

  it('one small service takes the smallest other one with it: the rest could be subtracted', () => {
    const counts = countsOf({
      'a/x@1': of({ answered: 50 }),
      'a/y@1': of({ answered: 40 }),
      'a/z@1': of({ answered: 3 }),
    });
    const { services } = dayDocument(day, counts);
    expect(services.map(({ service }) => service)).toEqual(['a/x@1', 'other']);
  });

  it('a name that no inquiry was allowed under is not told, however often it was asked', () => {
    const counts = countsOf({
      'a/x@1': of({ answered: 50 }),
      'read/this-0499370899@1': of({ refused: 400 }, 0),
    });
    const text = JSON.stringify(dayDocument(day, counts));
    expect(text).not.toContain('0499370899');
    expect(text).toContain('"service":"other","counts":[{"outcomes":["refused"],"n":400}]');
  });

  it.each([0, 1, 9])('of %i inquiries it is told that they are fewer than the floor', (n) => {
    const counts = countsOf({ 'a/x@1': of({ answered: n }) });
    expect(dayDocument(day, counts)).toEqual({ day, floor, total: null, services: [], hours: [] });
  });

  it('no number, and no difference of two numbers, is below the floor', () => {
    fc.assert(
      fc.property(someDays, (counts) => {
        const told = DayDocument.parse(dayDocument(day, counts));
        const numbers = numbersOf(told);
        for (const one of numbers) {
          for (const other of [0, ...numbers]) {
            const difference = Math.abs(one - other);
            expect(difference === 0 || difference >= floor).toBe(true);
          }
        }
      }),
    );
  });

  it('no number is about fewer than the floor, nor are those it leaves of a larger one', () => {
    fc.assert(
      fc.property(someDays, (counts) => {
        const { services, hours, total } = dayDocument(day, counts);
        const all = counts.hours.reduce((sum, n) => sum + n, 0);
        expect(total === null).toBe(all < floor);
        const named = new Set(services.map(({ service }) => service));
        const members = (service: string): readonly ServiceCounts[] =>
          [...counts.services].flatMap(([name, one]) =>
            (service === 'other' ? !named.has(name) : name === service) ? [one] : [],
          );
        const sets = services.flatMap(({ service, counts: cells }) =>
          cells.map(({ outcomes }) =>
            members(service).reduce(
              (sum, { classes }) => outcomes.reduce((n, name) => n + classes[name], sum),
              0,
            ),
          ),
        );
        const spans = hours.map(({ from, to }) =>
          counts.hours.slice(from, to).reduce((sum, n) => sum + n, 0),
        );
        // Both tell all inquiries, each once: what is derived of one is a sum of some of these.
        for (const parts of [sets, spans]) {
          expect(parts.reduce((sum, n) => sum + n, 0)).toBe(total === null ? 0 : all);
          expect(parts.every((n) => n >= floor)).toBe(true);
          expect(parts.every((n) => all - n === 0 || all - n >= floor)).toBe(true);
        }
      }),
    );
  });

  it('the same counts are the same bytes, in whatever order they were counted', () => {
    const entries = {
      'a/x@1': of({ answered: 50 }),
      'b/y@1': of({ answered: 50 }),
      'c/z@1': of({ failed: 4 }),
    };
    const turned = Object.fromEntries(Object.entries(entries).toReversed());
    expect(dayBytes(dayDocument(day, countsOf(turned)))).toEqual(
      dayBytes(dayDocument(day, countsOf(entries))),
    );
  });

  it('as a table has a row for each number', () => {
    const counts = countsOf({ 'a/x@1': of({ answered: 120, failed: 10 }) }, [0, 60, 70]);
    expect(dayCsv(dayDocument(day, counts))).toBe(
      [
        '\uFEFFday,service,outcomes,from_hour,to_hour,count',
        "'2026-11-22,all,all,,,130",
        "'2026-11-22,a/x@1,answered,,,120",
        "'2026-11-22,a/x@1,failed,,,10",
        "'2026-11-22,all,all,0,2,60",
        "'2026-11-22,all,all,2,3,70",
        '',
      ].join('\r\n'),
    );
  });
});
