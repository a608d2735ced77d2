import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconcileDay } from '#shared/client/reconcile-day.ts';
import { newId, timeOf } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { answeredNumber, compare } from '#shared/oversight/reconciliation/compare.ts';
import { parseReconciliation } from '#shared/oversight/reconciliation/reconciliation.ts';
import { factsOf } from '../audit/index/sample-facts.ts';

const day = '2026-11-22';
const start = Date.parse('2026-11-21T20:30:00Z');
const end = start + 86_400_000;

const idOf = (t: number, n: number) =>
  newId(t, (length) => {
    const bytes = Buffer.alloc(length);
    // The last four bits are no part of an id.
    bytes.writeUInt32BE(n * 16, length - 4);
    return bytes;
  });

/** An exchange that compares so many milliseconds in a call, up to `known`. */
const exchangeOf = (
  entries: readonly ReturnType<typeof factsOf>[],
  {
    span = Number.POSITIVE_INFINITY,
    known = end,
    judges = true,
  }: { span?: number; known?: number; judges?: boolean } = {},
) => {
  const calls: JsonObject[] = [];
  const post = async (target: string, question: JsonObject): Promise<JsonObject> => {
    expect(target).toBe('/v1/reconciliations');
    calls.push(question);
    const { from, to, records, ranges } = parseReconciliation(question, {
      isAgency: true,
      now: end,
    });
    const until = Math.max(from, Math.min(to, from + span, known));
    const inTime = (t: number): boolean => t >= from && t < until;
    const told = compare(
      entries.filter(({ t }) => inTime(t)),
      { records: records.filter(({ id }) => inTime(timeOf(id))), ranges },
      { numberOf: answeredNumber, expected: () => true },
    );
    const { unused } = compare(
      entries,
      { records, ranges },
      { numberOf: answeredNumber, expected: () => true },
    );
    const isJudged = judges && until === end;
    return {
      until: new Date(until).toISOString(),
      agreed: told.known,
      yours: [
        ...told.missing.map((id) => ({ id })),
        ...(isJudged ? unused.map((one) => ({ ...one })) : []),
      ],
      unjudged: isJudged ? [] : told.unused.map((one) => ({ ...one })),
      ours: told.ours.map((one) => ({ ...one, leaf: { ...one.leaf } })),
      differs: [],
      pending: [],
    };
  };
  return { post, calls };
};

const entryOf = (t: number, n: number) => factsOf({ index: n, t, id: idOf(t, n), answer: n + 1 });

describe('a day that is reconciled', () => {
  it('of many records is handed in part by part, each of them once', async () => {
    const entries = Array.from({ length: 1500 }, (_, n) => entryOf(start + n * 1000, n));
    const { post, calls } = exchangeOf(entries);
    const told = await reconcileDay(post, day, { records: entries.map(({ id }) => ({ id })) });
    expect(told).toMatchObject({ complete: true, agreed: 1500, ours: [] });
    expect(told.yours).toEqual({ ids: [], numbers: [] });
    expect(calls).toHaveLength(4);
    const bodies = calls.map((call) => JSON.stringify(call).length);
    expect(Math.max(...bodies)).toBeLessThan(65_536);
  });

  it('of many records in one millisecond is not parted there', async () => {
    const entries = Array.from({ length: 500 }, (_, n) => entryOf(start + 5, n));
    const { post, calls } = exchangeOf([...entries, entryOf(start + 9, 900)]);
    const told = await reconcileDay(post, day, { records: entries.map(({ id }) => ({ id })) });
    expect(told).toMatchObject({ complete: true, agreed: 500, ours: [{ answer: 901 }] });
    expect(calls.length).toBeLessThan(4);
  });

  it('that the exchange does not know to its end says how far it is known', async () => {
    const known = start + 3_600_000;
    const { post } = exchangeOf([entryOf(start, 1), entryOf(end - 1, 2)], { known });
    const told = await reconcileDay(post, day, { ranges: [{ first: 1, last: 3 }] });
    expect(told).toMatchObject({ complete: false, until: new Date(known).toISOString() });
    expect(told.yours.numbers).toEqual([]);
    expect(told.unjudged).toEqual([
      { first: 1, last: 1 },
      { first: 3, last: 3 },
    ]);
  });

  it('by numbers accuses of none where the exchange cannot tell of the whole day', async () => {
    const entries = [entryOf(start, 1), entryOf(end - 1, 2)];
    const { post } = exchangeOf(entries, { span: 7_200_000, judges: false });
    const told = await reconcileDay(post, day, { ranges: [{ first: 1, last: 4 }] });
    expect(told).toMatchObject({ complete: true, agreed: 2, yours: { numbers: [] } });
    expect(told.unjudged).toEqual([
      { first: 1, last: 1 },
      { first: 4, last: 4 },
    ]);
  });

  it('by numbers tells those that no part of it has', async () => {
    const { post } = exchangeOf([entryOf(start, 1), entryOf(end - 1, 2)], { span: 7_200_000 });
    const told = await reconcileDay(post, day, { ranges: [{ first: 1, last: 4 }] });
    expect(told).toMatchObject({ complete: true, agreed: 2, ours: [] });
    expect(told.yours.numbers).toEqual([
      { first: 1, last: 1 },
      { first: 4, last: 4 },
    ]);
  });

  it('finds the same, however far each answer comes', async () => {
    const offsets = fc.array(fc.nat(9), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        offsets,
        offsets,
        fc.integer({ min: 1, max: 9 }),
        async (log, own, hours) => {
          const hour = 3_600_000;
          const entries = log.map((at, n) => entryOf(start + at * hour, n));
          const handed = [
            ...own.map((at, n) => ({ id: idOf(start + at * hour, n) })),
            ...own.map((at, n) => ({ id: idOf(start + at * hour, n + 50) })),
          ];
          const owned = { records: handed, ranges: [{ first: 3, last: 6 }] };
          const whole = await reconcileDay(exchangeOf(entries).post, day, owned);
          const { post } = exchangeOf(entries, { span: hours * hour });
          const parts = await reconcileDay(post, day, owned);
          const sorted = ({ yours, ours }: typeof whole) => [
            yours.ids.toSorted(),
            yours.numbers,
            ours.map(({ id }) => id).toSorted(),
          ];
          expect(sorted(parts)).toEqual(sorted(whole));
          expect([parts.agreed, parts.complete]).toEqual([whole.agreed, true]);
        },
      ),
    );
  });

  it('is not of another day, of no inquiry, or of too many ranges', async () => {
    const { post, calls } = exchangeOf([]);
    const records = [{ id: idOf(end, 1) }];
    await expect(reconcileDay(post, day, { records })).rejects.toThrow(RangeError);
    await expect(reconcileDay(post, '2026-02-30', {})).rejects.toThrow(RangeError);
    const ranges = Array.from({ length: 65 }, (_, n) => ({ first: 2 * n + 1, last: 2 * n + 1 }));
    await expect(reconcileDay(post, day, { ranges })).rejects.toThrow(RangeError);
    const unnamed = { records: [{ id: 'none' }] };
    await expect(reconcileDay(post, day, unnamed)).rejects.toThrow(RangeError);
    expect(calls).toEqual([]);
  });

  it('is not believed in another shape', async () => {
    await expect(reconcileDay(async () => ({}), day, {})).rejects.toMatchObject({ check: 'shape' });
  });
});
