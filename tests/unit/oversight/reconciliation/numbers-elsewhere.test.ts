import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { within } from '#shared/audit/completeness/ranges.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { numbersNowhere } from '#shared/oversight/reconciliation/numbers-elsewhere.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { factsOf, fill, start } from '../../audit/index/sample-facts.ts';

const hour = 3_600_000;
const counter = 'counter:72110345';
const agency = 'agency:civil-registry';
const day = tehranDayOf(start);
const known = day.until + 27 * hour;

const look = (
  all: readonly EntryFacts[],
  whose: { readonly counter: string } | { readonly agency: string },
  ranges: Parameters<typeof numbersNowhere>[3],
  until = known,
) => {
  const memory = memorySegmentSource();
  const size = Math.max(1, all.length);
  fill(memory, all, { shard: 0, size });
  const reading = {
    index: openedIndex(memory.source, { segments: 4, summaries: 2 }, () => start),
    marks: { read: async () => ({ size: 0, until: 0 }) },
    shards: 1,
  };
  const reaches = [{ shard: 0, size, late: 48 * 3_600_000 }];
  return numbersNowhere(reading, { reaches, until }, { whose, day }, ranges);
};

/** Entries of the counter and of another, from two days before the day to one behind it. */
const entries = fc
  .array(
    fc.record({
      hours: fc.integer({ min: -30, max: 54 }),
      seq: fc.integer({ min: 1, max: 12 }),
      station: fc.constantFrom('till-1', 'till-2'),
      isOurs: fc.boolean(),
      isDelegated: fc.constantFrom(false, false, true),
      answer: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
    { maxLength: 25 },
  )
  .map((rows) =>
    rows
      .toSorted((a, b) => a.hours - b.hours)
      .map(({ hours, seq, station, isOurs, isDelegated, answer }, index) =>
        factsOf({
          shard: 0,
          index,
          t: day.from + hours * hour,
          seq,
          station,
          agency,
          counter: isOurs ? counter : 'counter:2',
          ...(isDelegated && { by: 'guild:one' }),
          ...(answer !== undefined && { answer }),
        }),
      ),
  );

const isAround = ({ t }: EntryFacts): boolean =>
  t >= day.from - 24 * hour && t < day.until + 24 * hour;

describe('numbers that an exchange knows nothing of', () => {
  it('are those of no entry on the day, the day before and the day after', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.constantFrom('till-1', 'till-2'), async (all, station) => {
        const asked = await look(all, { counter }, [{ station, first: 2, last: 11 }]);
        const answered = await look(all, { agency }, [{ first: 2, last: 11 }]);
        const near = all.filter(isAround);
        const seqs = near.filter((one) => one.counter === counter && one.by === undefined);
        const used = {
          asked: seqs.filter((one) => one.station === station).map(({ seq }) => seq),
          answered: near.map(({ answer }) => answer),
        };
        const left = (numbers: readonly (number | undefined)[]): readonly number[] =>
          Array.from({ length: 10 }, (_, n) => n + 2).filter((n) => !numbers.includes(n));
        const told = (ranges: typeof asked): readonly number[] =>
          Array.from({ length: 10 }, (_, n) => n + 2).filter(
            (n) => within({ first: n, last: n }, ranges ?? []).length > 0,
          );
        expect(told(asked)).toEqual(left(used.asked));
        expect(told(answered)).toEqual(left(used.answered));
      }),
    );
  });

  it('cannot be told before the index knows 27 hours behind the day, if there are any', async () => {
    const ranges = [{ station: 'till-1', first: 1, last: 1 }];
    expect(await look([], { counter }, ranges, known - 1)).toBeUndefined();
    expect(await look([], { counter }, ranges)).toEqual(ranges);
    expect(await look([], { counter }, [], 0)).toEqual([]);
  });
});
