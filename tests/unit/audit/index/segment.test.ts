import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBlocks } from '#shared/audit/index/blocks.ts';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { EntryFilter, matches } from '#shared/audit/index/filter.ts';
import { IndexInvalid } from '#shared/audit/index/index-invalid.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { select } from '#shared/audit/index/select.ts';
import {
  factsFrom,
  factsOf,
  filters,
  outcomeOf,
  segmentOf,
  someFilters,
  start,
} from './sample-facts.ts';

const cover = { shard: 0, n: 0, width: 4096 };

const allOf = (bytes: Uint8Array): readonly EntryFacts[] => {
  const segment = openSegment(bytes);
  return Array.from({ length: segment.count }, (_, row) => segment.facts(row));
};

describe('a segment', () => {
  it('gives back its facts, whatever they are and wherever they stand', () => {
    fc.assert(
      fc.property(factsFrom(3 * 4096, 7), (facts) => {
        const bytes = encodeSegment({ shard: 7, n: 3, width: 4096 }, facts);
        expect(allOf(bytes)).toEqual(facts);
        expect(encodeSegment({ shard: 7, n: 3, width: 4096 }, facts)).toEqual(bytes);
      }),
    );
  });

  it('takes 4,096 entries, each with words of its own', () => {
    const facts = Array.from({ length: 4096 }, (_, index) =>
      factsOf({ index, counter: `counter:${index}`, station: `till-${index % 300}` }),
    );
    const bytes = encodeSegment(cover, facts);
    expect(allOf(bytes)).toEqual(facts);
    const rows = select(openSegment(bytes), { counter: 'counter:4001' });
    expect([...rows]).toEqual([4001]);
  });

  it('has words of any kind, longest and shortest', () => {
    const words = ['a', 'ab', 'a\nb', 'تهران', '😀', 'x'.repeat(128), '\uffff'];
    const facts = words.map((province, index) => factsOf({ index, province }));
    const segment = segmentOf(facts);
    expect(segment.words('province').words()).toEqual(words.toSorted());
    for (const [row, province] of words.entries()) {
      expect([...select(segment, { province })]).toEqual([row]);
    }
  });

  it('knows how many leaves it is about, also when none is an inquiry', () => {
    const { width, count } = segmentOf([], { width: 12 });
    expect({ width, count }).toEqual({ width: 12, count: 0 });
  });

  it.each([
    ['an entry of another shard', [factsOf({ index: 0, shard: 1 })]],
    ['an entry behind its end', [factsOf({ index: 4096 })]],
    ['an entry twice', [factsOf({ index: 5 }), factsOf({ index: 5 })]],
    ['entries out of order', [factsOf({ index: 5 }), factsOf({ index: 4 })]],
    ['an empty word', [factsOf({ index: 0, station: '' })]],
    ['a word that is too long', [factsOf({ index: 0, station: 'x'.repeat(129) })]],
    ['half a surrogate pair', [factsOf({ index: 0, province: '\ud800' })]],
    ['a tag of another length', [factsOf({ index: 0, subjectTag: 'AAAA' })]],
    ['a tag that is none', [factsOf({ index: 0, operatorTag: '!'.repeat(16) })]],
    ['an id that is none', [factsOf({ index: 0, id: 'x' })]],
    ['an id in capitals', [factsOf({ index: 10, id: factsOf({ index: 10 }).id.toUpperCase() })]],
    [
      'an id without hyphens',
      [factsOf({ index: 0, id: factsOf({ index: 0 }).id.replaceAll('-', '') })],
    ],
    ['a time that is not in its id', [factsOf({ index: 0, t: 1, id: factsOf({ index: 0 }).id })]],
    ['a number that is none', [factsOf({ index: 0, seq: 1.5 })]],
    ['a negative number', [factsOf({ index: 0, ms: -1 })]],
  ])('refuses %s', (_, facts) => {
    expect(() => encodeSegment(cover, facts)).toThrow(RangeError);
  });

  it('has no row beyond its last', () => {
    const segment = segmentOf([factsOf({ index: 0 })]);
    expect(() => segment.facts(1)).toThrow(RangeError);
    expect(() => segment.facts(-1)).toThrow(RangeError);
  });
});

describe('select', () => {
  it('finds the very rows that match', () => {
    fc.assert(
      fc.property(factsFrom(0), fc.oneof(someFilters, filters), (facts, filter) => {
        const rows = facts.flatMap((one, row) => (matches(filter, one) ? [row] : []));
        expect([...select(segmentOf(facts), filter)]).toEqual(rows);
      }),
      { numRuns: 400 },
    );
  });

  it('takes `from` with its instant and `to` without', () => {
    const segment = segmentOf([0, 1, 2, 3].map((index) => factsOf({ index })));
    expect([...select(segment, { from: start + 1000, to: start + 3000 })]).toEqual([1, 2]);
  });

  it('finds what lies in one of the scopes, whichever of their facts are known', () => {
    const segment = segmentOf([
      factsOf({ index: 0, counter: 'counter:1', province: 'fars' }),
      factsOf({ index: 1, counter: 'counter:2' }),
      factsOf({ index: 2, agency: 'agency:a', province: 'fars' }),
    ]);
    const rows = (within: EntryFilter['within']) => [...select(segment, { within: within ?? [] })];
    expect(rows([])).toEqual([]);
    expect(rows([{ province: 'fars' }])).toEqual([0, 2]);
    expect(rows([{ province: 'fars', agency: 'agency:a' }])).toEqual([2]);
    expect(rows([{ counter: 'counter:2' }, { counter: 'counter:1', province: 'x' }])).toEqual([1]);
    expect(rows([{ province: 'fars' }, { counter: 'counter:1' }])).toEqual([0, 2]);
    expect(rows([{}])).toEqual([]);
  });

  it('finds a tag where it stands, not across two others', () => {
    const [first, second] = ['AAAAAAAABBBBBBBB', 'CCCCCCCCDDDDDDDD'];
    const segment = segmentOf([
      factsOf({ index: 0, subjectTag: first }),
      factsOf({ index: 1, subjectTag: second }),
      factsOf({ index: 2, operatorTag: first }),
      factsOf({ index: 3, subjectTag: 'BBBBBBBBCCCCCCCC' }),
    ]);
    expect([...select(segment, { subjectTag: [second, 'AAAAAAAAAAAAAAAA'] })]).toEqual([1]);
    expect([...select(segment, { subjectTag: 'BBBBBBBBCCCCCCCC' })]).toEqual([3]);
    expect([...select(segment, { subjectTag: 'DDDDDDDDBBBBBBBB' })]).toEqual([]);
    expect([...select(segment, { operatorTag: first, subjectTag: first })]).toEqual([]);
    expect([...select(segment, { subjectTag: 'no tag' })]).toEqual([]);
  });

  it('meets nothing that is not known', () => {
    const segment = segmentOf([
      factsOf({ index: 0 }),
      factsOf({ index: 1, hasCase: false, province: 'fars' }),
      factsOf({ index: 2, hasCase: true }),
    ]);
    expect([...select(segment, { hasCase: false })]).toEqual([1]);
    expect([...select(segment, { hasCase: true })]).toEqual([2]);
    expect([...select(segment, { province: ['fars', 'tehran'] })]).toEqual([1]);
    expect([...select(segment, { subjectTag: 'AAAAAAAAAAAAAAAA' })]).toEqual([]);
  });
});

describe('a filter', () => {
  it.each([
    ['an unknown member', { subject: 'x' }],
    ['an empty list', { counter: [] }],
    ['33 values', { counter: Array.from({ length: 33 }, (_, n) => `counter:${n}`) }],
    ['an id that is none', { id: 'x' }],
    ['a tag of another length', { subjectTag: 'AAAA' }],
    ['a time that is none', { from: -1 }],
    ['65 scopes', { within: Array.from({ length: 65 }, () => ({ province: 'x' })) }],
    ['a scope of nothing', { within: [{}] }],
    ['a scope of another fact', { within: [{ station: 'till-3' }] }],
  ])('is refused with %s', (_, filter) => {
    expect(EntryFilter.safeParse(filter).success).toBe(false);
  });

  it('may be of any mix of members', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(EntryFilter.parse(filter)).toEqual(filter);
      }),
    );
  });
});

describe('bytes that are no segment', () => {
  const facts = Array.from({ length: 80 }, (_, index) =>
    factsOf({
      index,
      counter: `counter:${72_000_000 + index}`,
      subjectTag: 'AAAAAAAAAAAAAAAA',
      hasCase: true,
    }),
  );
  const bytes = encodeSegment(cover, facts);

  it('are told by IndexInvalid, or read as some facts', () => {
    const flips = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(flips, { minLength: 1, maxLength: 4 }), (changes) => {
        const bent = Uint8Array.from(bytes);
        for (const { at, to } of changes) bent[at] = to;
        const read = outcomeOf(() => allOf(bent).length <= 4096);
        expect([true, IndexInvalid.name]).toContain(read);
      }),
      { numRuns: 300 },
    );
  });

  it('are told at every length but the right one', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => allOf(bytes.subarray(0, length))).toThrow(IndexInvalid);
      }),
    );
    expect(() => openSegment(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(IndexInvalid);
  });

  /** A block of numbers of one byte each. */
  const ints = (...numbers: readonly number[]): readonly number[] =>
    [[8, 0, 0, 0, 0, 0, 0, 0], numbers, [0, 0, 0, 0]].flat();
  const tag = Array.from({ length: 12 }, () => 7);
  /** Numbers of a segment, and that each of its twelve columns has one word. */
  const head = (...numbers: readonly number[]) => ints(...numbers, ...Array.from(tag, () => 1));

  /** Blocks of a segment with one entry, one of them another. */
  const withBlock = (n: number, block: readonly number[]): Uint8Array => {
    const id = Array.from({ length: 10 }, () => 1);
    const numbers = [1, 1, 1, 0].map((number) => ints(number));
    // The one word ends behind its first byte: a number of no bits.
    const end = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const words = Array.from({ length: 12 }, () => [[0x61], end, ints(1)]).flat();
    const right = [head(0, 0, 9, 1), ints(0), ints(1), id, ...numbers];
    const blocks = [...right, tag, ints(1), tag, ints(1), ...words];
    return packBlocks(
      'segment',
      blocks.map((one, at) => Uint8Array.from(at === n ? block : one)),
    );
  };

  it('are not made by the sample that is then bent', () => {
    expect(allOf(withBlock(-1, []))).toMatchObject([
      { index: 0, t: 1, counter: 'a', seq: 1, ms: 1, answer: 1, subjectTag: 'BwcHBwcHBwcHBwcH' },
    ]);
  });

  const wide = [56, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0];

  it.each([
    ['a width of none', 0, head(0, 0, 0, 0)],
    ['more rows than leaves', 0, head(0, 0, 9, 10)],
    ['one number more', 0, head(0, 0, 9, 1, 1)],
    ['a row behind its end', 1, ints(9)],
    ['no number', 1, []],
    ['numbers of no width that there is', 1, [57, ...ints(0).slice(1)]],
    ['numbers of 28 bits', 1, [28, ...ints(0, 0, 0, 0).slice(1)]],
    ['an unsafe number', 4, wide],
    ['an unsafe number to begin with', 4, [8, 255, 255, 255, 255, 255, 255, 255, 9, 0, 0, 0, 0]],
    ['a time of 49 bits', 2, wide],
    ['too few bytes of an id', 3, [1]],
    ['an unknown case', 7, ints(3)],
    ['half a tag', 8, [7]],
    ['more tags than rows', 8, [...tag, ...tag]],
    ['a code of no tag', 11, ints(2)],
    ['more words than rows', 0, ints(0, 0, 9, 1, 2, ...Array.from({ length: 11 }, () => 1))],
    ['a word that is no UTF-8', 12, [0xff]],
    ['an empty word', 13, ints(0)],
    ['a word beyond its text', 13, ints(2)],
    ['a code of no word', 14, ints(2)],
    ['too many codes', 14, ints(1, 1)],
    ['no word where there must be one', 14, ints(0)],
  ])('are told: %s', (_, n, block) => {
    expect(() => allOf(withBlock(n, block))).toThrow(IndexInvalid);
  });

  it('are told by kind and version', () => {
    for (const [at, byte] of [
      [0, 0x65],
      [4, 2],
      [5, 2],
      [7, 9],
    ] as const) {
      const bent = Uint8Array.from(bytes);
      bent[at] = byte;
      expect(() => openSegment(bent)).toThrow(IndexInvalid);
    }
  });
});
