import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import {
  type CountsBy,
  type EntrySummary,
  summariseEntries,
} from '#shared/oversight/entries/summarise-entries.ts';
import { countable, parseSummaryQuery } from '#shared/oversight/entries/summary-query.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf } from '../../inquiry/journal-stage.ts';
import { type IndexStage, indexStage } from './index-stage.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const iso = (t: number): string => new Date(t).toISOString();

type Asked = Readonly<Record<string, string | undefined>>;

const summaryOf = (stage: IndexStage, scopes?: readonly Scope[]) => {
  const auditor = { ...agencyOf('auditor:one'), ...(scopes && { scopes: [...scopes] }) };
  const directory = { participant: async () => auditor };
  const summarise = summariseEntries({ ...stage.parts, directory });
  const range = { from: iso(testNow - 10 * day), to: iso(testNow + minute) };
  return (asked: Asked, reader = 'auditor:one') =>
    summarise(parseSummaryQuery({ ...range, ...asked }), reader);
};

const nameOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'shown';
  } catch (error) {
    return error instanceof Problem ? `${error.name}: ${error.detail}` : 'a bug';
  }
};

const inquiryAt = (at: number, change: Partial<Inquiry> = {}): Inquiry => ({
  id: InquiryId.parse(inquiryIdAt(at)),
  counter: 'counter:1',
  service: 'police/vehicle@1',
  outcome: 'FOUND',
  ...change,
});

/** One more, in a bucket of its own behind the others: the index's edge. */
const last = inquiryAt(testNow, { counter: 'counter:last' });

const fedStage = async (inquiries: readonly Inquiry[], stride = 1): Promise<IndexStage> => {
  const stage = indexStage(await journalOf([...inquiries, last]), { stride });
  await stage.feed(inquiries.length + 1);
  return stage;
};

const countsIn = ({
  summary: [only],
}: EntrySummary): readonly (readonly [string | null, number])[] =>
  (only?.counts ?? []).map(({ value, n }) => [value, n]);

/** What a summary by one thing must be, counted one by one. */
const model = (inquiries: readonly Inquiry[], label: (one: Inquiry) => string) => {
  const counts = new Map<string, number>();
  for (const one of inquiries) counts.set(label(one), (counts.get(label(one)) ?? 0) + 1);
  return [...counts];
};

const labels: Readonly<Record<string, (one: Inquiry) => string>> = {
  counter: ({ counter }) => counter,
  service: ({ service }) => service,
  agency: ({ service }) => `agency:${service.split('/')[0]}`,
  outcome: ({ outcome }) => outcome ?? '',
  day: ({ id }) => tehranDayOf(timeOf(id)).date,
};

const inquiries = fc.array(
  fc
    .record({
      at: fc.oneof(fc.integer({ min: -3 * day, max: -minute }), fc.constant(-minute)),
      counter: fc.constantFrom('counter:1', 'counter:2', 'counter:3'),
      service: fc.constantFrom('police/vehicle@1', 'police/vehicle@2', 'post/address@1'),
      outcome: fc.constantFrom('FOUND' as const, 'DENIED' as const),
    })
    .map(({ at, ...rest }) => inquiryAt(testNow + at, rest)),
  { maxLength: 24, size: 'max' },
);

describe('a summary of entries', () => {
  it('counts what a query means, by each thing, whatever was asked', async () => {
    const filters = fc.record(
      { counter: fc.constantFrom('counter:1'), service: fc.constantFrom('police/vehicle') },
      { requiredKeys: [] },
    );
    const by = fc.subarray(Object.keys(labels), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(inquiries, filters, by, async (asked, filter, names) => {
        const summarise = summaryOf(await fedStage(asked));
        const { n: total, summary, next } = await summarise({ ...filter, by: names.join(',') });
        const meant = asked.filter(
          ({ counter, service }) =>
            (filter.counter ?? counter) === counter &&
            (filter.service ?? service.slice(0, -2)) === service.slice(0, -2),
        );
        expect([total, next]).toEqual([meant.length, undefined]);
        for (const [n, name] of names.entries()) {
          const { counts } = summary[n] ?? { counts: [] };
          const expected = new Map(model(meant, labels[name] ?? String));
          expect(new Map(counts.map((one) => [one.value, one.n]))).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('tells the most first, as many as are wanted, and what is left', async () => {
    const asked = [5, 1, 3, 3].flatMap((many, n) =>
      Array.from({ length: many }, () => inquiryAt(testNow - hour, { counter: `counter:${n}` })),
    );
    const summarise = summaryOf(await fedStage(asked));
    expect(countsIn(await summarise({ by: 'counter' }))).toEqual([
      ['counter:0', 5],
      ['counter:2', 3],
      ['counter:3', 3],
      ['counter:1', 1],
    ]);
    const { summary } = await summarise({ by: 'counter', limit: '2' });
    expect(summary).toEqual([
      {
        by: 'counter',
        counts: [
          { value: 'counter:0', n: 5 },
          { value: 'counter:2', n: 3 },
        ],
        rest: { values: 2, n: 4 },
      },
    ] satisfies readonly CountsBy[]);
  });

  it('tells days and hours of Tehran in their order, all of them', async () => {
    // 20:29 and 20:31 in UTC: the clock there strikes midnight between them.
    const midnight = Date.parse('2027-01-13T20:30:00Z');
    const asked = [-minute, minute, minute, day].map((offset) => inquiryAt(midnight + offset));
    const summarise = summaryOf(await fedStage(asked));
    expect(countsIn(await summarise({ by: 'day', limit: '1' }))).toEqual([
      ['2027-01-13', 1],
      ['2027-01-14', 2],
      ['2027-01-15', 1],
    ]);
    expect(countsIn(await summarise({ by: 'hour' }))).toEqual([
      ['2027-01-13T23', 1],
      ['2027-01-14T00', 2],
      ['2027-01-15T00', 1],
    ]);
  });

  it('tells what is not known as null', async () => {
    const summarise = summaryOf(await fedStage([inquiryAt(testNow - hour)]));
    expect(countsIn(await summarise({ by: 'province' }))).toEqual([[null, 1]]);
  });

  it('goes on where the work of one call ended, and its parts add up to the whole', async () => {
    const asked = Array.from({ length: 300 }, (_, n) =>
      inquiryAt(testNow - hour - n * 1000, { counter: `counter:${n % 3}` }),
    );
    // Each in a segment of its own: more of them than one call may ask for.
    const summarise = summaryOf(await fedStage(asked, segmentWidth));
    const parts: EntrySummary[] = [];
    let cursor: string | undefined;
    do {
      const part = await summarise({ by: 'counter', limit: '1', cursor });
      parts.push(part);
      cursor = part.next;
    } while (cursor !== undefined && parts.length < 20);
    expect(parts.length).toBeGreaterThan(1);
    const sums = new Map<string | null, number>();
    for (const [value, n] of parts.flatMap(countsIn)) sums.set(value, (sums.get(value) ?? 0) + n);
    expect(sums).toEqual(
      new Map([
        ['counter:0', 100],
        ['counter:1', 100],
        ['counter:2', 100],
      ]),
    );
    expect(parts.some(({ summary }) => summary[0]?.rest !== undefined)).toBe(false);
    expect(new Set(parts.map(({ until }) => until)).size).toBe(1);
    const other = summarise({ by: 'agency', cursor: parts[0]?.next });
    await expect(other).rejects.toMatchObject({ name: 'invalid-query' });
  });

  it('counts what lies within the scope of its reader only', async () => {
    const asked = ['counter:1', 'counter:2', 'counter:2'].map((counter) =>
      inquiryAt(testNow - hour, { counter }),
    );
    const stage = await fedStage(asked);
    const own = summaryOf(stage, [{ kind: 'counter', value: 'counter:2' }]);
    expect(countsIn(await own({ by: 'counter' }))).toEqual([['counter:2', 2]]);
    expect(await nameOf(() => own({ by: 'counter', counter: 'counter:1' }))).toMatch(
      /^out-of-scope/,
    );
    expect(await nameOf(() => summaryOf(stage, [])({ by: 'counter' }))).toMatch(/^out-of-scope/);
  });

  it('says up to when it counted, and that is never less than the index should know', async () => {
    const asked = [3, 2].map((n) => inquiryAt(testNow - n * hour));
    const stage = await fedStage(asked);
    const { until } = await summaryOf(stage)({ by: 'counter' });
    expect(until).toBe(iso(stage.marks.peek(0).until));
    const to = iso(testNow - 2.5 * hour);
    expect(await summaryOf(stage)({ by: 'counter', to })).toMatchObject({ until: to, n: 1 });
    await stage.feed(1);
    expect(await nameOf(() => summaryOf(stage)({ by: 'counter' }))).toBe(
      'index-unavailable: The index is too far behind the journal.',
    );
  });

  it('is index-unavailable where a segment is missing', async () => {
    const stage = await fedStage([inquiryAt(testNow - hour)]);
    stage.source.put(segmentKey(0, 0), undefined);
    expect(await nameOf(() => summaryOf(stage)({ by: 'counter' }))).toMatch(/^index-unavailable/);
  });
});

describe('the query of a summary', () => {
  const range = { from: '2027-01-15T08:00:00Z', to: '2027-01-15T09:00:00Z' };
  const asked = (by: string | undefined, more: Asked = {}) =>
    nameOf(() => parseSummaryQuery({ ...range, by, ...more }));

  it.each(countable)('counts by %s', async (by) => {
    expect(await asked(by)).toBe('shown');
  });

  it.each([
    undefined,
    '',
    'subject',
    'operator',
    'counter,',
    'counter,counter',
    'counter,agency,service,purpose,rule',
    'guild:counters',
  ])('does not count by %j', async (by) => {
    expect(await asked(by)).toBe(
      'invalid-query: These are missing, unknown or of the wrong form: by.',
    );
  });

  it('names whoever signed in the counter’s place a delegate, since by is what is counted', () => {
    const query = parseSummaryQuery({ ...range, by: 'day,outcome', delegate: 'guild:counters' });
    expect(query).toMatchObject({ by: 'guild:counters', count: ['day', 'outcome'], limit: 100 });
  });
});
