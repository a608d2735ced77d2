import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, bucketOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import type { AuditEntry } from '#shared/oversight/audit-entry.ts';
import { type AuditQuery, parseAuditQuery } from '#shared/oversight/audit-query.ts';
import { type AuditPage, listEntries } from '#shared/oversight/list-entries.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf, testSettings } from '../inquiry/journal-stage.ts';

const counters = ['counter:72110345', 'counter:72110346'] as const;
const services = [
  'civil-registry/identity@1',
  'civil-registry/identity@2',
  'civil-registry/life-status@1',
  'telecom/mobile-ownership@1',
] as const;
const outcomes = ['FOUND', 'NOT_FOUND', 'DENIED'] as const;

const auditor = agencyOf('auditor:one');

const directory = { participant: async () => auditor };

/** As an auditor lists it who may read everything. */
const listingOf = (journal: JournalStore) => {
  const list = listEntries({ journal, directory, settings: testSettings, now: () => testNow });
  return (query: AuditQuery) => list(query, auditor.id);
};

/** Every page of a listing, following `next` as a reader does: through the parameter. */
const allPages = async (
  list: (query: AuditQuery) => Promise<AuditPage>,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly AuditPage[]> => {
  const pages: AuditPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(parseAuditQuery({ ...parameters, cursor }));
    pages.push(page);
    cursor = page.next;
  } while (cursor !== undefined && pages.length < 500);
  return pages;
};

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The order of the log: by bucket, then slot, then id. */
const placeOf = (id: InquiryId): string => {
  const { bucket, slot } = addressOf(id, testSettings.layout);
  return `${bucket}.${slot}.${id}`;
};

const minute = 60_000;

const offsets = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: -minute, max: 10_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: -60 * minute, max: 10_000 }) },
  // Many at once.
  { weight: 3, arbitrary: fc.constantFrom(-1, 0, 1) },
);

const inquiry = fc
  .record({
    at: offsets,
    counter: fc.constantFrom(...counters),
    service: fc.constantFrom(...services),
    outcome: fc.option(fc.constantFrom(...outcomes), { nil: undefined }),
  })
  .map(({ at, ...rest }): Inquiry & { at: number } => ({
    ...rest,
    at: testNow + at,
    id: InquiryId.parse(inquiryIdAt(testNow + at)),
  }));

const filters = fc.record(
  {
    counter: fc.constantFrom(...counters),
    agency: fc.constantFrom('agency:civil-registry', 'agency:telecom', 'agency:post'),
    service: fc.constantFrom('civil-registry/identity', ...services),
    outcome: fc.constantFrom(...outcomes, 'TIMEOUT'),
  },
  { requiredKeys: [] },
);

const wanted = (one: Inquiry, by: Partial<Record<string, string>>): boolean =>
  (by['counter'] === undefined || one.counter === by['counter']) &&
  (by['agency'] === undefined || one.service.startsWith(`${by['agency'].slice(7)}/`)) &&
  (by['service'] === undefined ||
    [one.service, one.service.slice(0, -2)].includes(by['service'])) &&
  (by['outcome'] === undefined || one.outcome === by['outcome']);

describe('listEntries', () => {
  it('gives every entry of the range that fits once, in the order of the log, whatever the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(inquiry, { maxLength: 40, size: 'max' }),
        filters,
        fc.integer({ min: 1, max: 8 }),
        fc.tuple(offsets, offsets).filter(([a, b]) => a !== b),
        async (inquiries, by, limit, bounds) => {
          const from = testNow + Math.min(...bounds);
          const to = testNow + Math.max(...bounds);
          const { store } = await journalOf(inquiries);
          const parameters = { ...by, from: time(from), to: time(to), limit: String(limit) };
          const pages = await allPages(listingOf(store), parameters);
          const expected = inquiries
            .filter(({ at }) => at >= from && at < to)
            .filter((one) => wanted(one, by))
            .map(({ id }) => placeOf(id))
            .toSorted();
          const listed = pages.flatMap(({ entries }) =>
            entries.map(({ id }) => InquiryId.parse(id)),
          );
          expect(listed.map(placeOf)).toEqual(expected);
          for (const { entries } of pages) expect(entries.length).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('shows what an inquiry said and came to, with the texts its leaf is made of', async () => {
    const { exchange, request, submit, journal, addressOf: place } = await makeExchange();
    const text = await request();
    await submit(text);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const { entries } = await listEntries({ ...exchange, directory })(
      parseAuditQuery(range),
      auditor.id,
    );
    const { id } = place(text);
    const expected = {
      id,
      asked: '2027-01-15T08:00:00.000Z',
      counter: 'counter:72110345',
      agency: 'agency:civil-registry',
      service: 'civil-registry/identity@1',
      purpose: 'pension-enrolment',
      basis: 'civil-code-1.12',
      station: 'till-3',
      presence: 'in-person',
      seq: 1842,
      effect: 'allow',
      outcome: 'FOUND',
    } satisfies Partial<AuditEntry>;
    expect(entries).toEqual([expect.objectContaining(expected)]);
    const i = entries[0]?.i ?? '';
    const o = entries[0]?.o ?? '';
    expect(JSON.parse(i)).toMatchObject({ k: 'i', id, req: text.split('~', 1)[0] });
    expect(JSON.parse(o)).toMatchObject({ k: 'o', id, i: sha256Url(i), out: 'FOUND' });
    expect(journal.faults.calls('read')).toBe(0);
  });

  it('shows nothing of a person', async () => {
    const { exchange, request, submit } = await makeExchange();
    const text = await request();
    await submit(text);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const page = JSON.stringify(
      await listEntries({ ...exchange, directory })(parseAuditQuery(range), auditor.id),
    );
    for (const part of ['0499370899', 'محمدی', 'operator-7', ...text.split('~').slice(1, -1)]) {
      expect(page.includes(part) && part !== '').toBe(false);
    }
  });

  it('shows an open inquiry without an outcome, and an outcome without an intent not at all', async () => {
    const id = InquiryId.parse(inquiryIdAt(testNow));
    const open: Inquiry = { id, counter: counters[0], service: services[0], outcome: undefined };
    const { store } = await journalOf([open]);
    const tombstone = { record: new Uint8Array([1, 2, 3]) };
    const other = addressOf(InquiryId.parse(inquiryIdAt(testNow)), testSettings.layout);
    await store.putOutcome(other, tombstone);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const { entries } = await listingOf(store)(parseAuditQuery(range));
    expect(entries.map((entry) => entry.id)).toEqual([id]);
    expect(entries[0]).not.toHaveProperty('outcome');
    expect(entries[0]).not.toHaveProperty('o');
  });

  it('reads at most 600 partitions for one page, and says where to go on', async () => {
    const { store, faults } = memoryJournalStore();
    const query = { from: time(testNow - 24 * 60 * minute), to: time(testNow) };
    const page = await listingOf(store)(parseAuditQuery(query));
    expect(faults.calls('list')).toBe(600);
    const start = bucketOf(testNow - 24 * 60 * minute);
    expect(page).toEqual({ entries: [], next: `${start + 600 / testSettings.layout.slots}.0.` });
    const pages = await allPages(listingOf(store), query);
    expect(pages).toHaveLength(Math.ceil((24 * 360 * testSettings.layout.slots) / 600));
  });

  it('reads no partition that lies in the future', async () => {
    const { store, faults } = memoryJournalStore();
    const query = { from: time(testNow + minute), to: time(testNow + 60 * minute) };
    expect(await listingOf(store)(parseAuditQuery(query))).toEqual({ entries: [] });
    expect(faults.calls('list')).toBe(0);
  });

  it('says so when the journal cannot be read', async () => {
    const { store, faults } = memoryJournalStore();
    faults.breakCall('list', 'not-persisted', 3);
    const query = { from: time(testNow - minute), to: time(testNow) };
    await expect(listingOf(store)(parseAuditQuery(query))).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });

  it('takes a stored row that cannot be read for a bug, not for a fault of the auditor', async () => {
    const { store } = memoryJournalStore();
    const address = addressOf(InquiryId.parse(inquiryIdAt(testNow)), testSettings.layout);
    await store.putIntent(address, { record: new Uint8Array([9]), vault: new Uint8Array([9]) });
    const query = parseAuditQuery({ from: time(testNow), to: time(testNow + 1) });
    await expect(listingOf(store)(query)).rejects.not.toHaveProperty('detail');
  });

  it('fails rather than leave entries out when a store says more and shows nothing', async () => {
    const { store } = memoryJournalStore();
    const broken: JournalStore = { ...store, list: async () => ({ entries: [], more: true }) };
    const list = listingOf(broken);
    const query = parseAuditQuery({
      from: new Date(testNow - 60_000).toISOString(),
      to: new Date(testNow).toISOString(),
    });
    await expect(list(query)).rejects.toThrow('no whole entry');
  });
});
