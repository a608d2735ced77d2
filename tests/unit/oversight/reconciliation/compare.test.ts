import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { answeredNumber, askedNumber, compare } from '#shared/oversight/reconciliation/compare.ts';
import { factsOf } from '../../audit/index/sample-facts.ts';

const asCounter = { numberOf: askedNumber, expected: () => true };
const asAgency = {
  numberOf: answeredNumber,
  expected: ({ answer }: EntryFacts) => answer !== undefined,
};
const recordOf = ({ id }: EntryFacts) => ({ id: InquiryId.parse(id) });

/** Entries with the numbers 1 to 30 at one of two stations, some signed by another. */
const someEntries = fc.array(
  fc.record({
    seq: fc.integer({ min: 1, max: 30 }),
    station: fc.constantFrom('till-1', 'till-2'),
    by: fc.option(fc.constant('guild:one'), { nil: undefined }),
    isRecord: fc.boolean(),
  }),
  { maxLength: 25 },
);
const someRanges = fc.array(
  fc
    .record({
      station: fc.constantFrom('till-1', 'till-2', 'till-3'),
      first: fc.integer({ min: 1, max: 30 }),
      more: fc.nat(9),
    })
    .map(({ station, first, more }) => ({ station, first, last: first + more })),
  { maxLength: 4 },
);

describe('records against the log', () => {
  const entries = [1, 2, 3].map((seq) => factsOf({ index: seq, seq }));
  const [first, second, third] = entries;
  const strange = { id: InquiryId.parse(factsOf({ index: 90 }).id) };

  it('each side learns what the other has', () => {
    const records = [...(first === undefined ? [] : [recordOf(first)]), strange];
    const { found, missing, ours, known } = compare(entries, { records, ranges: [] }, asCounter);
    expect(found.map(({ record, leaf }) => [record.id, leaf.index])).toEqual([[first?.id, 1]]);
    expect(missing).toEqual([strange.id]);
    expect(ours.map(({ id, seq }) => [id, seq])).toEqual([
      [second?.id, 2],
      [third?.id, 3],
    ]);
    expect(known).toBe(1);
  });

  it('numbers are those of a station, and what is missing of them is told as ranges', () => {
    const ranges = [
      { station: 'till-3', first: 1, last: 10 },
      { station: 'till-4', first: 1, last: 2 },
    ];
    const { unused, ours, known } = compare(entries, { records: [], ranges }, asCounter);
    expect(unused).toEqual([
      { station: 'till-3', first: 4, last: 10 },
      { station: 'till-4', first: 1, last: 2 },
    ]);
    expect([ours, known]).toEqual([[], 3]);
  });

  it('of an agency are what it answered, by its own numbers', () => {
    const answered = [
      factsOf({ index: 1, answer: 7 }),
      factsOf({ index: 2, answer: 9 }),
      factsOf({ index: 3, outcome: 'DENIED', effect: 'deny' }),
    ];
    const ranges = [{ first: 7, last: 8 }];
    const { unused, ours } = compare(answered, { records: [], ranges }, asAgency);
    expect(unused).toEqual([{ first: 8, last: 8 }]);
    expect(ours.map(({ answer }) => answer)).toEqual([9]);
  });

  it('what is the same, what one side has and what the other has is all that there is', () => {
    fc.assert(
      fc.property(someEntries, someRanges, (rows, ranges) => {
        const all = rows.map(({ isRecord, by, ...rest }, index) => ({
          isRecord,
          facts: factsOf({ index, ...rest, ...(by !== undefined && { by }) }),
        }));
        const records = all.flatMap(({ isRecord, facts }) => (isRecord ? [recordOf(facts)] : []));
        const facts = all.map((one) => one.facts);
        const handed = { records: [...records, strange], ranges };
        const { found, missing, unused, ours, known } = compare(facts, handed, asCounter);
        const isHanded = ({ isRecord, facts: one }: (typeof all)[number]): boolean =>
          isRecord ||
          (one.by === undefined &&
            ranges.some(
              ({ station, first: from, last }) =>
                station === one.station && from <= one.seq && one.seq <= last,
            ));
        expect(found).toHaveLength(records.length);
        expect(missing).toEqual([strange.id]);
        expect(ours.map(({ id }) => id)).toEqual(
          all.filter((one) => !isHanded(one)).map((one) => one.facts.id),
        );
        expect(known + ours.length).toBe(facts.length);
        const used = new Set(
          facts.flatMap(({ by, station, seq }) => (by === undefined ? [`${station} ${seq}`] : [])),
        );
        const told = unused.flatMap(({ station, first: from, last }) =>
          Array.from({ length: last - from + 1 }, (_, n) => `${station} ${from + n}`),
        );
        const wanted = ranges.flatMap(({ station, first: from, last }) =>
          Array.from({ length: last - from + 1 }, (_, n) => `${station} ${from + n}`),
        );
        expect(told).toEqual(wanted.filter((one) => !used.has(one)));
      }),
    );
  });
});
