import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EntryFilter, matches } from '#shared/audit/index/filter.ts';
import { IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { encodePrints, lacks, openPrints } from '#shared/audit/index/prints.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { factsFrom, factsOf, filters, outcomeOf, segmentOf, tagOf } from './sample-facts.ts';

const width = 4096;
const cover = { shard: 0, m: 0 };

/** A segment with the tags of such numbers. */
const holding = (n: number, subjects: readonly number[], operators: readonly number[] = []) =>
  segmentOf(
    [...subjects, ...operators].map((tag, row) =>
      factsOf({
        index: n * width + row,
        ...(row < subjects.length ? { subjectTag: tagOf(tag) } : { operatorTag: tagOf(tag) }),
      }),
    ),
    { n },
  );

describe('prints', () => {
  it('lack nothing that is meant', () => {
    const facts = fc.tuple(factsFrom(0), factsFrom(width), factsFrom(2 * width));
    fc.assert(
      fc.property(facts, filters, (parts, { subjectTag, operatorTag }) => {
        const filter: EntryFilter = {
          ...(subjectTag !== undefined && { subjectTag }),
          ...(operatorTag !== undefined && { operatorTag }),
        };
        const segments = parts.map((own, n) => segmentOf(own, { n }));
        const isLacking = lacks(openPrints(encodePrints(cover, segments)), filter);
        for (const [n, own] of parts.entries()) {
          const met = own.some((one) => matches(filter, one));
          expect(met && isLacking({ n, width })).toBe(false);
        }
      }),
      { numRuns: 80 },
    );
  });

  const segments = [holding(0, [1, 2, 3]), holding(1, [], [4, 9]), holding(2, [2, 9])];
  const prints = openPrints(encodePrints(cover, segments));
  const left = (filter: EntryFilter) =>
    [0, 1, 2].filter((n) => !lacks(prints, filter)({ n, width }));

  it.each([
    ['a subject of one', { subjectTag: tagOf(1) }, [0]],
    ['a subject of two', { subjectTag: tagOf(2) }, [0, 2]],
    ['one of some subjects', { subjectTag: [tagOf(7), tagOf(9)] }, [2]],
    ['an operator', { operatorTag: tagOf(9) }, [1]],
    [
      'a subject and an operator that do not meet',
      { subjectTag: tagOf(1), operatorTag: tagOf(4) },
      [],
    ],
    ['nobody that there is', { subjectTag: tagOf(8) }, []],
    ['nobody in particular', {}, [0, 1, 2]],
  ])('leave what may hold %s', (_, filter, places) => {
    expect(left(filter)).toEqual(places);
  });

  it('tell all tags of a whole segment, and hardly one that it does not hold', () => {
    const numbers = Array.from({ length: width }, (_, n) => 3 * n);
    const full = openPrints(encodePrints(cover, [holding(0, numbers)]));
    const kept = (tags: readonly number[]) =>
      tags.filter((n) => !lacks(full, { subjectTag: tagOf(n) })({ n: 0, width })).length;
    expect(kept(numbers)).toBe(width);
    expect(kept(numbers.map((n) => n + 1))).toBeLessThan(20);
  });

  it('tell a bucket that is empty from the one before it', () => {
    const tag = (first: number) => toBase64Url(Buffer.alloc(12, first));
    const one = segmentOf([factsOf({ index: 0, subjectTag: tag(16) })]);
    const opened = openPrints(encodePrints(cover, [one]));
    const found = [15, 16, 17, 255].filter(
      (first) => !lacks(opened, { subjectTag: tag(first) })({ n: 0, width }),
    );
    expect(found).toEqual([16]);
  });

  it('lack nothing of a segment that has grown since, or that they are not about', () => {
    const isLacking = lacks(prints, { subjectTag: tagOf(8) });
    const some = lacks(openPrints(encodePrints(cover, [segmentOf([], { width: 9 })])), {
      subjectTag: tagOf(8),
    });
    expect([isLacking({ n: 3, width: 1 }), isLacking({ n: 64, width: 1 })]).toEqual([false, false]);
    expect([some({ n: 0, width: 9 }), some({ n: 0, width: 10 })]).toEqual([true, false]);
  });

  it('are the same in however many steps, and with a segment taken anew', () => {
    const whole = encodePrints(cover, segments);
    const first = encodePrints(cover, segments.slice(0, 1));
    expect(encodePrints(cover, segments.slice(1), first)).toEqual(whole);
    const others = [holding(0, [7]), holding(1, [1]), holding(2, [4, 5])];
    const before = encodePrints(cover, others);
    expect(encodePrints(cover, segments, before)).toEqual(whole);
    const bare = encodePrints(cover, [holding(1, [])], whole);
    expect(lacks(openPrints(bare), { operatorTag: tagOf(4) })({ n: 1, width })).toBe(true);
  });

  it.each([
    ['no segment', []],
    ['a gap', [holding(0, []), holding(2, [])]],
    ['another shard', [segmentOf([], { shard: 1 })]],
  ])('are not made of %s', (_, some) => {
    expect(() => encodePrints(cover, some)).toThrow(RangeError);
  });

  it('are told by IndexInvalid when they are none, or read as others', () => {
    const bytes = encodePrints(cover, segments);
    const flips = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(flips, { minLength: 1, maxLength: 4 }), (changes) => {
        const bent = Uint8Array.from(bytes);
        for (const { at, to } of changes) bent[at] = to;
        const read = outcomeOf(() =>
          lacks(openPrints(bent), { subjectTag: tagOf(2) })({ n: 0, width }),
        );
        expect([true, false, IndexInvalid.name]).toContain(read);
      }),
      { numRuns: 200 },
    );
    expect(() => openPrints(bytes.subarray(0, -1))).toThrow(IndexInvalid);
  });
});
