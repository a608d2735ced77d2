import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, bucketLength } from '#shared/audit/address.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import type { MemoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { type AuditPage, listEntries } from '#shared/oversight/entries/list-entries.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf, testSettings } from '../../inquiry/journal-stage.ts';
import { type IndexStage, indexStage } from './index-stage.ts';

const tehran = 'تهران';
const fars = 'فارس';
const minute = 60_000;
const day = 24 * 60 * minute;

/** Where the counters are now; all of them were in Fars when the index was told. */
const homes: Readonly<Record<string, string>> = { 'counter:1': tehran, 'counter:2': fars };

const licensed = (id: string, province: string) => {
  const { licence, ...rest } = counterOf(id);
  return { ...rest, ...(licence !== undefined && { licence: { ...licence, province } }) };
};

const directoryOf = (scopes?: readonly Scope[]) => ({
  participant: async (id: string) => {
    const home = homes[id];
    if (home !== undefined) return licensed(id, home);
    return { ...agencyOf('auditor:one'), ...(scopes !== undefined && { scopes: [...scopes] }) };
  },
});

type Filter = Readonly<Record<string, string | undefined>>;
type List = (filter: Filter, reader?: string) => Promise<AuditPage>;

const iso = (t: number): string => new Date(t).toISOString();

const listingOf = (stage: IndexStage, scopes?: readonly Scope[]): List => {
  const list = listEntries({ ...stage.parts, directory: directoryOf(scopes) });
  const range = { from: iso(testNow - 10 * day), to: iso(testNow + minute) };
  return (filter, reader = 'auditor:one') => list(parseAuditQuery({ ...range, ...filter }), reader);
};

const nameOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'shown';
  } catch (error) {
    return error instanceof Problem ? `${error.name}: ${error.detail}` : 'a bug';
  }
};

const services = ['police/vehicle@1', 'police/vehicle@2', 'post/address@1'] as const;

const inquiryAt = (at: number, change: Partial<Inquiry> = {}): Inquiry => ({
  id: InquiryId.parse(inquiryIdAt(at)),
  counter: 'counter:1',
  service: services[0],
  outcome: 'FOUND',
  ...change,
});

const ids = (entries: readonly { readonly id: string }[]): readonly string[] =>
  entries.map(({ id }) => id);

/** In the order of the log: by bucket, then slot, then id. */
const inOrder = (inquiries: readonly Inquiry[]): readonly Inquiry[] =>
  inquiries.toSorted(({ id: a }, { id: b }) => {
    const [one, other] = [addressOf(a, testSettings.layout), addressOf(b, testSettings.layout)];
    const order = one.bucket - other.bucket || one.slot - other.slot;
    return order === 0 ? (a < b ? -1 : 1) : order;
  });

const offsets = fc.oneof(
  fc.integer({ min: -3 * day, max: 0 }),
  fc.integer({ min: -minute, max: 0 }),
  fc.constantFrom(-1, 0, -bucketLength, -bucketLength - 1),
);

const inquiriesAt = (offset: fc.Arbitrary<number>) =>
  fc.array(
    fc
      .record({
        at: offset,
        counter: fc.constantFrom('counter:1', 'counter:2'),
        service: fc.constantFrom(...services),
        outcome: fc.constantFrom('FOUND' as const, 'DENIED' as const),
      })
      .map(({ at, ...rest }) => inquiryAt(testNow + at, rest)),
    { maxLength: 24, size: 'max' },
  );

const filters = fc.record(
  {
    counter: fc.constantFrom('counter:1', 'counter:2'),
    agency: fc.constantFrom('agency:police', 'agency:post'),
    service: fc.constantFrom('police/vehicle', ...services),
    outcome: fc.constantFrom('FOUND', 'DENIED'),
  },
  { requiredKeys: [] },
);

const isMeant = ({ counter, service, outcome }: Inquiry, filter: Filter): boolean =>
  [counter, undefined].includes(filter['counter']) &&
  [`agency:${service.split('/')[0]}`, undefined].includes(filter['agency']) &&
  [service, service.split('@')[0], undefined].includes(filter['service']) &&
  (filter['outcome'] === undefined || outcome === filter['outcome']);

/** Follows a listing to its end; `between` two pages, something may happen. */
const follow = async (
  list: List,
  filter: Filter,
  between: () => Promise<void> = async () => {},
): Promise<readonly AuditEntry[]> => {
  const found: AuditEntry[] = [];
  let cursor: string | undefined;
  for (let n = 0; n < 300; n += 1) {
    const { entries, next } = await list({ ...filter, cursor });
    found.push(...entries);
    if (next === undefined) return found;
    cursor = next;
    await between();
  }
  throw new Error('The listing does not end.');
};

/** What becomes of the index and the journal between two pages. */
const happenings = fc.array(fc.constantFrom<'feed' | 'ask' | 'nothing'>('feed', 'ask', 'nothing'), {
  maxLength: 40,
  size: 'max',
});

const put = async (journal: MemoryJournalStore, inquiry: Inquiry): Promise<void> => {
  for (const entry of (await journalOf([inquiry])).dump()) {
    if (entry.intent) await journal.store.putIntent(entry.address, entry.intent);
    if (entry.outcome) await journal.store.putOutcome(entry.address, entry.outcome);
  }
};

describe('a listing over the index and the journal', () => {
  it('shows each entry once, in the order of the log, while the index grows and others ask', async () => {
    await fc.assert(
      fc.asyncProperty(
        inquiriesAt(offsets),
        filters,
        fc.constantFrom(1, 2000),
        fc.nat(24),
        fc.integer({ min: 1, max: 6 }),
        happenings,
        async (asked, filter, stride, cut, limit, happening) => {
          const journal = await journalOf(asked);
          const stage = indexStage(journal, { stride });
          let fed = Math.min(cut, asked.length);
          if (fed > 0) await stage.feed(fed);
          const left = happening.values();
          let later = testNow;
          const between = async (): Promise<void> => {
            const what = left.next().value;
            if (what === 'ask') {
              later += 1;
              await put(journal, inquiryAt(later, { outcome: 'DENIED' }));
            }
            const all = journal.dump().length;
            if (what !== 'feed' || fed >= all) return;
            fed = Math.min(all, fed + 7);
            await stage.feed(fed);
          };

          const shown = await follow(
            listingOf(stage),
            { ...filter, limit: String(limit) },
            between,
          );

          const known = new Set<string>(ids(asked));
          expect(ids(shown.filter(({ id }) => known.has(id)))).toEqual(
            ids(inOrder(asked.filter((one) => isMeant(one, filter)))),
          );
          expect(new Set(ids(shown)).size).toBe(shown.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('shows the newest first from the index: all that it has, and nothing else', async () => {
    // So late that the index is not behind, however little of it there is.
    const justNow = inquiriesAt(fc.integer({ min: -14 * minute, max: 0 }));
    await fc.assert(
      fc.asyncProperty(
        justNow,
        filters,
        fc.nat(24),
        fc.integer({ min: 1, max: 6 }),
        async (asked, filter, cut, limit) => {
          const stage = indexStage(await journalOf(asked));
          const fed = inOrder(asked).slice(0, cut);
          if (fed.length > 0) await stage.feed(fed.length);
          const { until } = stage.marks.peek(0);

          const asking = { ...filter, limit: String(limit), order: 'newest' };
          const shown = await follow(listingOf(stage), asking);

          const wanted = asked.filter((one) => timeOf(one.id) < until && isMeant(one, filter));
          expect(ids(shown)).toEqual(ids(inOrder(wanted).toReversed()));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what lies outside a reader’s scope', () => {
  const scope = fc.oneof(
    fc.constantFrom(tehran, fars).map((value): Scope => ({ kind: 'province', value })),
    fc
      .constantFrom('agency:police', 'agency:post')
      .map((value): Scope => ({ kind: 'agency', value })),
    fc.constantFrom('counter:1', 'counter:2').map((value): Scope => ({ kind: 'counter', value })),
  );

  /** Where an inquiry is: in Fars as long as the index was told so, and where its counter is now. */
  const provinceOf = ({ id, counter }: Inquiry, until: number): string | undefined =>
    timeOf(id) < until ? fars : homes[counter];

  const mayRead = (scopes: readonly Scope[], inquiry: Inquiry, until: number): boolean =>
    scopes.some((one) => {
      if (one.kind === 'all') return true;
      const { counter, service } = inquiry;
      const agency = `agency:${service.split('/')[0]}`;
      return { province: provinceOf(inquiry, until), agency, counter }[one.kind] === one.value;
    });

  it('is never shown, of the index or of the journal, and all else is', async () => {
    await fc.assert(
      fc.asyncProperty(
        inquiriesAt(offsets),
        fc.array(scope, { maxLength: 3 }),
        filters,
        fc.nat(24),
        async (asked, scopes, filter, cut) => {
          const stage = indexStage(await journalOf(asked), { told: () => ({ province: fars }) });
          const fed = Math.min(cut, asked.length);
          if (fed > 0) await stage.feed(fed);
          const { until } = stage.marks.peek(0);
          const allowed = inOrder(asked).filter(
            (one) => isMeant(one, filter) && mayRead(scopes, one, until),
          );

          const shown = await follow(listingOf(stage, scopes), { ...filter, limit: '3' }).catch(
            (error: unknown) => (error instanceof Problem ? error.name : error),
          );

          const refused = allowed.length === 0 ? ['out-of-scope'] : [];
          expect([ids(allowed), ...refused]).toContainEqual(
            Array.isArray(shown) ? ids(shown) : shown,
          );
        },
      ),
      { numRuns: 80 },
    );
  });

  it('is told by nothing of a cursor: another reader’s is refused', async () => {
    const asked = [1, 2, 3].map((n) => inquiryAt(testNow - n * minute));
    const stage = indexStage(await journalOf(asked));
    await stage.feed(2);
    const { next = '' } = await listingOf(stage)({ limit: '1' }, 'auditor:one');
    const said = 'invalid-query: The cursor is not of this query, or not of this reader.';
    const list = listingOf(stage);
    expect(await nameOf(list({ limit: '1', cursor: next }, 'auditor:two'))).toBe(said);
    expect(await nameOf(list({ cursor: next, outcome: 'FOUND' }))).toBe(said);
    expect(await nameOf(list({ cursor: next, order: 'newest' }))).toBe(said);
    expect(await nameOf(list({ cursor: `${next.slice(0, -2)}AA` }))).toBe(said);
    expect(await nameOf(list({ limit: '7', cursor: next }))).toBe('shown');
  });
});

describe('a listing that could leave something out', () => {
  const hour = 60 * minute;
  const asked = inOrder([3, 2, 1].map((n) => inquiryAt(testNow - n * hour)));

  const fedStage = async (count = 3, now = testNow): Promise<IndexStage> => {
    const stage = indexStage(await journalOf(asked), { now: () => now });
    if (count > 0) await stage.feed(count);
    return stage;
  };

  it.each([
    ['is missing', undefined],
    ['is no segment', Uint8Array.of(1, 2, 3)],
  ])('is index-unavailable where a segment %s', async (_, bytes) => {
    const stage = await fedStage();
    stage.source.put(segmentKey(0, 0), bytes);
    const list = listingOf(stage);
    const said =
      'index-unavailable: A part of the index is missing or not right; nothing is shown without it.';
    expect(await nameOf(list({}))).toBe(said);
    await expect(list({ order: 'newest' })).rejects.toMatchObject({
      name: 'index-unavailable',
      extras: { retryAfter: 10 },
    });
  });

  it('is index-unavailable while the index is made again', async () => {
    const stage = await fedStage();
    const list = listingOf(stage);
    const { next } = await list({ limit: '1' });
    const newest = await list({ limit: '1', order: 'newest' });
    await stage.feed(1);
    const said = 'index-unavailable: The index is being made again.';
    expect(await nameOf(list({ cursor: next }))).toBe(said);
    expect(await nameOf(list({ cursor: newest.next, order: 'newest' }))).toBe(said);
    expect(ids(await follow(list, {}))).toEqual(ids(asked));
  });

  it('is index-unavailable where the newest are asked for and the index is far behind', async () => {
    const list = listingOf(await fedStage(1));
    const behind = 'index-unavailable: The index is too far behind the journal.';
    expect(await nameOf(list({ order: 'newest' }))).toBe(behind);
    const to = iso(testNow - 2.5 * hour);
    expect(ids((await list({ order: 'newest', to })).entries)).toEqual([]);
    expect(ids((await listingOf(await fedStage(3))({ order: 'newest' })).entries)).toHaveLength(2);
  });

  it('is index-unavailable where the journal may have forgotten what the index does not know', async () => {
    const list = listingOf(await fedStage(0, testNow + 14 * day));
    const said = 'index-unavailable: The index does not reach to what the journal still has.';
    expect(await nameOf(list({}))).toBe(said);
    expect(await nameOf(list({ id: asked[0]?.id }))).toBe(said);
  });

  it('is as long as one likes in the index, and a day of the journal beyond it', async () => {
    const many = Array.from({ length: 150 }, (_, n) => inquiryAt(testNow - n * 20 * minute));
    const stage = indexStage(await journalOf(many));
    const list = listingOf(stage);
    const said = 'invalid-query: Of what is not in the index yet, at most 24 hours at a time.';
    expect(await nameOf(list({}))).toBe(said);
    await stage.feed(7);
    expect(ids(await follow(list, { from: '2020-01-01T00:00:00Z' }))).toEqual(ids(inOrder(many)));
  });

  it('does not go on from a place that the journal may have forgotten', async () => {
    let now = testNow;
    const stage = indexStage(await journalOf(asked), { now: () => now });
    const list = listingOf(stage);
    const { next } = await list({ limit: '1' });
    now += 13 * day;
    const said = 'invalid-query: The cursor is too old; begin the listing again.';
    expect(await nameOf(list({ limit: '1', cursor: next }))).toBe(said);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is store-unavailable where the marks cannot be read (%s)',
    async (fault) => {
      const stage = await fedStage();
      stage.marks.faults.breakCall('read', fault);
      expect(await nameOf(listingOf(stage)({}))).toMatch(/^store-unavailable/);
    },
  );

  it('says how far the index goes', async () => {
    const stage = await fedStage(2);
    const { indexed } = await listingOf(stage)({ limit: '1' });
    expect(indexed).toBe(iso(stage.marks.peek(0).until));
  });
});
