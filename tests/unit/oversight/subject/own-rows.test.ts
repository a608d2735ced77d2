import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '#shared/kernel/id.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { compareRows, type SubjectRow } from '#shared/oversight/feeding/subject-index.ts';
import { isBehind, type RowTimes, rowsAbout } from '#shared/oversight/subject/own-rows.ts';
import { subjectTag } from '#shared/oversight/tags.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { testSubjectKey as tagKey } from '#tests/support/fed-log.ts';
import { mina, omid } from './person-stage.ts';

const random = countedRandom();

const rowOf = (t: number, index: number, person = mina): SubjectRow => ({
  tag: subjectTag(tagKey, new Date(t).getUTCFullYear(), person),
  t,
  shard: 0,
  index,
  id: newId(t, random),
  place: { offset: 2, length: 1 },
  known: {},
});

const list = async (rows: readonly SubjectRow[], times: RowTimes) => {
  const { store } = memorySubjectIndex();
  await store.put(rows);
  const found: SubjectRow[] = [];
  for await (const page of rowsAbout({ subjects: store, tagKey })(mina, times)) found.push(...page);
  return found;
};

const newYear = Date.UTC(2027, 0, 1);

describe('the rows about a person', () => {
  it('are all of a time, each once and newest first, over the turn of a year', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 30 }),
        fc.integer({ min: -60, max: 60 }),
        fc.integer({ min: 0, max: 100 }),
        async (offsets, start, length) => {
          const rows = offsets.map((offset, n) => rowOf(newYear + offset, n));
          const times = { from: newYear + start, before: newYear + start + length };
          const expected = rows
            .filter(({ t }) => t >= times.from && t < times.before)
            .toSorted(compareRows);
          expect(await list([...rows, rowOf(newYear, 99, omid)], times)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are all, where they are more than one page of the index', async () => {
    const rows = Array.from({ length: 650 }, (_, n) => rowOf(newYear + Math.floor(n / 3), n));
    const times = { from: newYear, before: newYear + 1000 };
    expect(await list(rows, times)).toEqual(rows.toSorted(compareRows));
  });

  it('stand behind a place, or not', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(5), fc.nat(2), fc.nat(5)),
        fc.tuple(fc.nat(5), fc.nat(2), fc.nat(5)),
        ([t, shard, index], [ofT, ofShard, ofIndex]) => {
          const row = { ...rowOf(newYear + t, index), shard };
          const place = { t: newYear + ofT, shard: ofShard, index: ofIndex };
          const other = { ...rowOf(place.t, place.index), shard: place.shard };
          expect(isBehind(row, place)).toBe(compareRows(row, other) > 0);
        },
      ),
    );
  });
});
