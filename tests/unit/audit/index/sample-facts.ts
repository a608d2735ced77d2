import fc from 'fast-check';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import type { EntryFilter } from '#shared/audit/index/filter.ts';
import { encodePrints } from '#shared/audit/index/prints.ts';
import { openSegment, type Segment } from '#shared/audit/index/segment.ts';
import { type Cover, segmentWidth } from '#shared/audit/index/segment-form.ts';
import {
  type MemorySegmentSource,
  memorySegmentSource,
  printsKey,
  segmentKey,
  summaryKey,
} from '#shared/audit/index/segment-source.ts';
import { encodeSummary, summaryWidth } from '#shared/audit/index/summary.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { InquiryId, newId } from '#shared/kernel/id.ts';

export const start = Date.UTC(2026, 10, 22, 7);

const idOf = (t: number, n: number): InquiryId =>
  newId(t, (length) => {
    const bytes = Buffer.alloc(length);
    bytes.writeUInt32BE(n, length - 4);
    return bytes;
  });

export const tagOf = (n: number): string => {
  const bytes = Buffer.alloc(12);
  // Some look at the first bytes only, which differ in what is a hash.
  bytes.writeUInt32BE(Math.imul(n, 0x9e_37_79_b1) >>> 0);
  bytes.writeUInt32BE(n, 8);
  return toBase64Url(bytes);
};

/** Facts of an entry that say its number, all optional ones missing. */
export const factsOf = (parts: Partial<EntryFacts> & { readonly index: number }): EntryFacts => {
  const { index, t = start + index * 1000, id = idOf(t, index) } = parts;
  return {
    shard: 0,
    id,
    t,
    counter: 'counter:72110345',
    agency: 'agency:civil-registry',
    service: 'civil-registry/identity@1',
    purpose: 'pension-enrolment',
    basis: 'civil-code-1.12',
    station: 'till-3',
    presence: 'in-person',
    seq: index + 1,
    effect: 'allow',
    rule: 'open-service',
    outcome: 'FOUND',
    ms: 180,
    ...parts,
  };
};

const few = (words: readonly string[]) => fc.constantFrom(...words);
const pools = {
  counter: ['counter:1', 'counter:2', 'counter:3', 'counter:11'],
  by: ['guild:a', 'vendor:b'],
  agency: ['agency:a', 'agency:b'],
  service: ['a/x@1', 'b/y@1', 'b/y@2'],
  purpose: ['pension', 'passport'],
  basis: ['law-1', 'law-2'],
  station: ['till-1', 'till-2'],
  presence: ['in-person', 'proxy', 'none'],
  effect: ['allow', 'deny'],
  rule: ['open-service', 'granted'],
  outcome: ['FOUND', 'NOT_FOUND', 'DENIED'],
  province: ['تهران', 'fars'],
} as const;

const number = fc.nat(20);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

type Known = { readonly [Name in keyof EntryFacts]?: EntryFacts[Name] | undefined };

/** Leaves out what is not known. */
const withoutUnknown = (facts: Known): Partial<EntryFacts> =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));

/** What an entry may say, of few values, so that filters meet some. */
const said = fc
  .record({
    ...Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, few(pool)])),
    by: maybe(few(pools.by)),
    province: maybe(few(pools.province)),
    subjectTag: maybe(number.map(tagOf)),
    operatorTag: maybe(number.map(tagOf)),
    hasCase: maybe(fc.boolean()),
    seq: fc.maxSafeNat(),
    ms: fc.nat(20_000),
    answer: maybe(fc.integer({ min: 1, max: 2 ** 53 - 1 })),
    late: fc.constantFrom(0, 0, 0, 5000, -2000),
  })
  .map(({ late, ...facts }) => ({ late, facts: withoutUnknown(facts) }));

/** Facts in the order of the log, with records between them, from a leaf on. */
export const factsFrom = (first: number, shard = 0) =>
  fc
    .array(fc.record({ gap: fc.constantFrom(0, 0, 0, 1, 7), said }), { maxLength: 60 })
    .map((rows): readonly EntryFacts[] => {
      let index = first - 1;
      return rows.map(({ gap, said: { facts, late } }) => {
        index += 1 + gap;
        return factsOf({ ...facts, shard, index, t: start + (index - first) * 1000 - late });
      });
    });

const oneOrMore = <Value>(value: fc.Arbitrary<Value>) =>
  fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));

/** Scopes of readers, of every mix of members. */
const scopes = fc.array(
  fc
    .record(
      { counter: few(pools.counter), agency: few(pools.agency), province: few(pools.province) },
      { requiredKeys: [] },
    )
    .filter((scope) => Object.keys(scope).length > 0),
  { maxLength: 3 },
);

/** Filters about some of the entries, with some members. */
export const filters: fc.Arbitrary<EntryFilter> = fc.record(
  {
    from: fc.integer({ min: -5, max: 80 }).map((n) => start + n * 1000),
    to: fc.integer({ min: -5, max: 80 }).map((n) => start + n * 1000),
    counter: oneOrMore(few([...pools.counter, 'counter:nobody'])),
    by: oneOrMore(few(pools.by)),
    agency: oneOrMore(few(pools.agency)),
    service: oneOrMore(few([...pools.service, 'b/y', 'b'])),
    purpose: oneOrMore(few(pools.purpose)),
    basis: oneOrMore(few(pools.basis)),
    station: oneOrMore(few([...pools.station, 'till-1\ntill-2'])),
    presence: oneOrMore(few(pools.presence)),
    effect: oneOrMore(few(pools.effect)),
    rule: oneOrMore(few(pools.rule)),
    outcome: oneOrMore(few(pools.outcome)),
    province: oneOrMore(few(pools.province)),
    id: oneOrMore(fc.nat(60).map((n) => idOf(start + n * 1000, n))),
    subjectTag: oneOrMore(number.map(tagOf)),
    operatorTag: oneOrMore(number.map(tagOf)),
    hasCase: fc.boolean(),
    within: scopes,
  },
  { requiredKeys: [] },
);

/** A filter with one or two members: more seldom meet anything. */
export const someFilters: fc.Arbitrary<EntryFilter> = fc
  .tuple(filters, fc.nat(), fc.nat())
  .map(([filter, first, second]) => {
    const members = Object.entries(filter);
    const picked = [first, second].map((n) => members[n % Math.max(1, members.length)]);
    return Object.fromEntries(picked.filter((one) => one !== undefined));
  });

export const segmentOf = (facts: readonly EntryFacts[], cover: Partial<Cover> = {}): Segment =>
  openSegment(encodeSegment({ shard: 0, n: 0, width: segmentWidth, ...cover }, facts));

/** Puts the first `size` leaves of a shard into an index, and sums up the segments told. */
export const fill = (
  { put }: Pick<MemorySegmentSource, 'put'>,
  facts: readonly EntryFacts[],
  {
    shard,
    size,
    summaries = true,
  }: { readonly shard: number; readonly size: number; readonly summaries?: boolean },
): void => {
  const count = Math.ceil(size / segmentWidth);
  const segments = Array.from({ length: count }, (_, n) => {
    const first = n * segmentWidth;
    const width = Math.min(segmentWidth, size - first);
    const own = facts.filter(({ index }) => index >= first && index < first + width);
    const bytes = encodeSegment({ shard, n, width }, own);
    put(segmentKey(shard, n), bytes);
    return openSegment(bytes);
  });
  if (!summaries) return;
  for (let m = 0; m * summaryWidth < count; m += 1) {
    const summed = segments.slice(m * summaryWidth, (m + 1) * summaryWidth);
    put(summaryKey(shard, m), encodeSummary({ shard, m }, summed));
    put(printsKey(shard, m), encodePrints({ shard, m }, summed));
  }
};

export const indexOf = (facts: readonly EntryFacts[], size: number): MemorySegmentSource => {
  const memory = memorySegmentSource();
  fill(memory, facts, { shard: 0, size });
  return memory;
};

/** The name of the error that some work throws, or what it gives. */
export const outcomeOf = <Value>(work: () => Value): Value | string => {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
};
