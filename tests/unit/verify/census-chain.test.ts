import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { censusTakenExample } from '#events/census-taken.ts';
import { bucketLength } from '#shared/audit/address.ts';
import { censusChain, joined, leftOf } from '#shared/client/verify/census-chain.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

/** A census of some leaves that stands at a place, of so many buckets behind the beginning. */
type Made = {
  readonly from: number;
  readonly to: number;
  readonly index: number;
  readonly bucket: number;
};

const timeOf = (bucket: number): number => testNow + bucket * bucketLength;

const faultsOf = (
  all: readonly Made[],
  { from = 0, to = 1000, until = 1000 }: { from?: number; to?: number; until?: number } = {},
): readonly string[] => {
  const chain = censusChain({ from, to });
  for (const { index, bucket, ...stretch } of all) {
    chain.take(index, { ...censusTakenExample, ...stretch, id: inquiryIdAt(timeOf(bucket)) });
  }
  chain.reached(timeOf(until));
  const faults: string[] = [];
  chain.finish(({ fault, index }) => faults.push(`${fault}@${index}`));
  return faults;
};

/** Censuses of one leaf after another, each a bucket behind the one before. */
const chainOf = (widths: readonly number[]): readonly Made[] => {
  let from = 0;
  return widths.map((width, n) => {
    const to = from + width;
    const made = { from, to, index: to + 1, bucket: 10 * n };
    from = to;
    return made;
  });
};

const widths = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });

describe('the censuses of a range', () => {
  it('go on from one another, from wherever on they are looked at', () => {
    fc.assert(
      fc.property(widths, fc.nat({ max: 400 }), (all, from) => {
        const seen = chainOf(all).filter(({ index }) => index >= from);
        expect(faultsOf(seen, { from })).toEqual([]);
      }),
    );
  });

  it('show each one that is missing between them', () => {
    fc.assert(
      fc.property(widths, fc.nat(), fc.nat({ max: 20 }), (all, nth, from) => {
        const seen = chainOf(all).filter(({ index }) => index >= from);
        const at = nth % Math.max(1, seen.length - 1);
        const next = seen[at + 1];
        expect(faultsOf(seen.toSpliced(at, 1), { from })).toEqual(
          next === undefined || next.from <= from ? [] : [`census-missing@${next.index}`],
        );
      }),
    );
  });

  it('may count the same twice, and stand in any order within a bucket', () => {
    const [first, second, third] = [
      { from: 0, to: 10, index: 15, bucket: 1 },
      { from: 10, to: 12, index: 13, bucket: 1 },
      { from: 0, to: 10, index: 14, bucket: 1 },
    ];
    expect(faultsOf([second, first, third])).toEqual([]);
  });

  it('show nothing of what is before, in the last two buckets: that may stand behind the range', () => {
    const last = { from: 10, to: 20, index: 30, bucket: 5 };
    expect(faultsOf([last], { until: 6 })).toEqual([]);
    expect(faultsOf([last], { until: 7 })).toEqual(['census-missing@30']);
  });

  it('that have no form show nothing', () => {
    expect(faultsOf([{ from: 10, to: 20, index: 19, bucket: 1 }])).toEqual([]);
  });
});

describe('stretches of leaves', () => {
  const stretch = fc
    .tuple(fc.nat({ max: 50 }), fc.nat({ max: 20 }))
    .map(([from, wide]) => ({ from, to: from + wide }));
  const leavesOf = (all: readonly { readonly from: number; readonly to: number }[]) =>
    new Set(all.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n)));

  it('and what is left of a range come to all of it', () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 6 }), (all) => {
        const left = leftOf({ from: 5, to: 45 }, all);
        const covered = leavesOf(all);
        const expected = Array.from({ length: 40 }, (_, n) => n + 5).filter((n) => !covered.has(n));
        expect([...leavesOf(left)].toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('are joined where they touch, and are the same leaves', () => {
    expect(
      joined([
        { from: 5, to: 9 },
        { from: 0, to: 5 },
        { from: 10, to: 12 },
      ]),
    ).toEqual([
      { from: 0, to: 9 },
      { from: 10, to: 12 },
    ]);
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 6 }), (all) => {
        expect(leavesOf(joined(all))).toEqual(leavesOf(all));
      }),
    );
  });
});
