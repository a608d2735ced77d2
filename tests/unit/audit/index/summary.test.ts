import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from '#shared/audit/index/filter.ts';
import { IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { skips } from '#shared/audit/index/skips.ts';
import { encodeSummary, openSummary } from '#shared/audit/index/summary.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import {
  factsFrom,
  factsOf,
  filters,
  outcomeOf,
  segmentOf,
  someFilters,
  start,
} from './sample-facts.ts';

const width = 4096;

describe('a summary', () => {
  it('skips no segment that holds what is meant', () => {
    const filter = fc.oneof(someFilters, filters);
    const facts = fc.tuple(factsFrom(0), factsFrom(width), factsFrom(2 * width));
    fc.assert(
      fc.property(facts, filter, (parts, wanted) => {
        const segments = parts.map((own, n) => segmentOf(own, { n }));
        const skip = skips(openSummary(encodeSummary({ shard: 0, m: 0 }, segments)), wanted);
        for (const [n, own] of parts.entries()) {
          const met = own.some((one) => matches(wanted, one));
          expect(met && skip({ n, width })).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
  });

  const first = [0, 1, 2].map((index) => factsOf({ index, counter: 'counter:1' }));
  const second = [0, 1, 2].map((n) =>
    factsOf({ index: 63 * width + n, counter: n === 1 ? 'counter:2' : 'counter:1', province: 'x' }),
  );
  const empty = Array.from({ length: 62 }, (_, n) => segmentOf([], { n: n + 1 }));
  const segments = [segmentOf(first), ...empty, segmentOf(second, { n: 63, width: 40 })];
  const summary = openSummary(encodeSummary({ shard: 0, m: 0 }, segments));
  const kept = (filter: Parameters<typeof skips>[1]) =>
    segments.flatMap(({ n }) =>
      skips(summary, filter)({ n, width: n === 63 ? 40 : width }) ? [] : [n],
    );

  it.each([
    ['a word of one', { counter: 'counter:2' }, [63]],
    ['a word of both', { counter: 'counter:1' }, [0, 63]],
    ['one of some words', { counter: ['counter:9', 'counter:2'] }, [63]],
    ['a word of none', { counter: 'counter:9' }, []],
    ['a piece of a word', { counter: 'counter:' }, []],
    ['two words of different ones', { counter: 'counter:2', province: 'y' }, []],
    ['the time until the first', { to: start }, []],
    ['the time of the first', { to: start + 1 }, [0]],
    ['the last time of the first', { from: start + 2000, to: start + 2001 }, [0]],
    ['the time behind the first', { from: start + 2001 }, [63]],
    ['an id of the first', { id: InquiryId.parse(first[1]?.id) }, [0]],
    ['a service whatever its version', { service: 'civil-registry/identity' }, [0, 63]],
    ['a piece of a service', { service: 'civil-registry' }, []],
    ['a scope', { within: [{ province: 'x' }] }, [63]],
    ['one of some scopes', { within: [{ province: 'y' }, { counter: 'counter:1' }] }, [0, 63]],
    ['a scope of two facts', { within: [{ counter: 'counter:9', province: 'x' }] }, []],
    ['no scope', { within: [] }, []],
    ['a scope of nothing', { within: [{}] }, []],
    ['nothing in particular', {}, [0, 63]],
  ])('keeps what may hold %s', (_, filter, left) => {
    expect(kept(filter)).toEqual(left);
  });

  it('skips nothing of a segment that has grown since', () => {
    const skip = skips(summary, { counter: 'counter:9' });
    expect([skip({ n: 63, width: 40 }), skip({ n: 63, width: 41 })]).toEqual([true, false]);
  });

  it('skips nothing that it is not about', () => {
    const part = openSummary(encodeSummary({ shard: 0, m: 0 }, segments.slice(0, 2)));
    const skip = skips(part, { counter: 'counter:9' });
    expect([0, 1, 2, 64].map((n) => skip({ n, width: 1 }))).toEqual([true, true, false, false]);
  });

  it('is the same in however many steps, and with segments taken anew', () => {
    const whole = encodeSummary({ shard: 0, m: 0 }, segments);
    const begun = encodeSummary({ shard: 0, m: 0 }, segments.slice(0, 5));
    expect(encodeSummary({ shard: 0, m: 0 }, segments.slice(3), begun)).toEqual(whole);
    const other = segmentOf([factsOf({ index: 2 * width, counter: 'counter:5' })], { n: 2 });
    const bent = encodeSummary({ shard: 0, m: 0 }, [other], whole);
    expect(skips(openSummary(bent), { counter: 'counter:5' })({ n: 2, width })).toBe(false);
    const again = segments.filter(({ n }) => n === 2 || n === 40);
    expect(encodeSummary({ shard: 0, m: 0 }, again, bent)).toEqual(whole);
  });

  it('goes on only from a summary of its own', () => {
    const before = encodeSummary({ shard: 0, m: 0 }, segments.slice(0, 2));
    const next = segmentOf([], { n: 64 });
    expect(() => encodeSummary({ shard: 0, m: 1 }, [next], before)).toThrow(RangeError);
    expect(() => encodeSummary({ shard: 0, m: 0 }, segments.slice(3), before)).toThrow(RangeError);
    expect(() => encodeSummary({ shard: 0, m: 0 }, segments.slice(2), Buffer.of())).toThrow(
      IndexInvalid,
    );
  });

  it('tells no column with more words than it has room for', () => {
    const many = Array.from({ length: 9 }, (_, n) =>
      segmentOf(
        Array.from({ length: width }, (__, row) =>
          factsOf({ index: n * width + row, station: `till-${n * width + row}` }),
        ),
        { n },
      ),
    );
    const full = encodeSummary({ shard: 0, m: 0 }, many.slice(0, 8));
    expect(skips(openSummary(full), { station: 'till-0' })({ n: 5, width })).toBe(true);
    const over = encodeSummary({ shard: 0, m: 0 }, many.slice(8), full);
    const bare = encodeSummary({ shard: 0, m: 0 }, [segmentOf([], { n: 8 })], over);
    expect(skips(openSummary(bare), { station: 'till-0' })({ n: 5, width })).toBe(false);
    const opened = openSummary(over);
    expect(skips(opened, { station: 'till-0' })({ n: 5, width })).toBe(false);
    expect(skips(opened, { counter: 'counter:9' })({ n: 5, width })).toBe(true);
  });

  it.each([
    ['no segment', []],
    ['65 segments', Array.from({ length: 65 }, (_, n) => segmentOf([], { n }))],
    ['a gap', [segmentOf([]), segmentOf([], { n: 2 })]],
    ['another shard', [segmentOf([], { shard: 1 })]],
  ])('is not made of %s', (_, some) => {
    expect(() => encodeSummary({ shard: 0, m: 0 }, some)).toThrow(RangeError);
  });

  it('tells bytes that are none by IndexInvalid, or reads them as another', () => {
    const bytes = encodeSummary({ shard: 0, m: 0 }, segments);
    const flips = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(flips, { minLength: 1, maxLength: 4 }), (changes) => {
        const bent = Uint8Array.from(bytes);
        for (const { at, to } of changes) bent[at] = to;
        const skip = outcomeOf(() =>
          skips(openSummary(bent), { counter: 'counter:1', province: 'x' })({ n: 1, width }),
        );
        expect([true, false, IndexInvalid.name]).toContain(skip);
      }),
      { numRuns: 200 },
    );
  });
});
