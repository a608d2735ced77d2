import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, bucketsPerPeriod } from '#shared/audit/address.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { AuditEntry } from '#shared/oversight/entries/audit-entry.ts';
import { type AuditQuery, parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { type AuditPage, listEntries } from '#shared/oversight/entries/list-entries.ts';
import { auditReadingOf } from '#tests/support/audit-reading.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf, testSettings } from '../../inquiry/journal-stage.ts';
import { indexStage } from './index-stage.ts';

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

/** As an auditor lists it who may read everything, before anything is in the index. */
const listingOf = (memory: MemoryJournalStore, journal: JournalStore = memory.store) => {
  const list = listEntries({ ...indexStage(memory).parts, journal, directory });
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
          const memory = await journalOf(inquiries);
          const parameters = { ...by, from: time(from), to: time(to), limit: String(limit) };
          const pages = await allPages(listingOf(memory), parameters);
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
      { numRuns: 100 },
    );
  });

  it('shows what an inquiry said and came to, with the texts its leaf is made of', async () => {
    const test = await makeExchange();
    const { request, submit, journal, addressOf: place } = test;
    const text = await request();
    await submit(text);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const { entries } = await listEntries({ ...auditReadingOf(test), directory })(
      parseAuditQuery({ ...range, include: 'record' }),
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
    const test = await makeExchange();
    const { request, submit } = test;
    const text = await request();
    await submit(text);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const page = JSON.stringify(
      await listEntries({ ...auditReadingOf(test), directory })(parseAuditQuery(range), auditor.id),
    );
    for (const part of ['0499370899', 'محمدی', 'operator-7', ...text.split('~').slice(1, -1)]) {
      expect(page.includes(part) && part !== '').toBe(false);
    }
  });

  it('shows an open inquiry without an outcome, and an outcome without an intent not at all', async () => {
    const id = InquiryId.parse(inquiryIdAt(testNow));
    const open: Inquiry = { id, counter: counters[0], service: services[0], outcome: undefined };
    const memory = await journalOf([open]);
    const tombstone = { record: new Uint8Array([1, 2, 3]) };
    const other = addressOf(InquiryId.parse(inquiryIdAt(testNow)), testSettings.layout);
    await memory.store.putOutcome(other, tombstone);
    const range = { from: time(testNow), to: time(testNow + 1) };
    const { entries } = await listingOf(memory)(parseAuditQuery(range));
    expect(entries.map((entry) => entry.id)).toEqual([id]);
    expect(entries[0]).not.toHaveProperty('outcome');
    expect(entries[0]).not.toHaveProperty('o');
  });

  it('reads at most 600 partitions for one page, and says where to go on', async () => {
    const memory = memoryJournalStore();
    const { store, faults } = memory;
    // As if something had been written in each of them.
    const periods: JournalStore['periods'] = async (from, to) =>
      Array.from({ length: to - from }, (_, n) => from + n);
    const list = listingOf(memory, { ...store, periods });
    const query = { from: time(testNow - 23 * 60 * minute), to: time(testNow) };
    const page = await list(parseAuditQuery(query));
    expect(faults.calls('list')).toBe(600);
    expect([page.entries, page.next === undefined]).toEqual([[], false]);
    const pages = await allPages(list, query);
    expect(pages).toHaveLength(Math.ceil((23 * 360 * testSettings.layout.slots) / 600));
  });

  it('reads no partition in whose time nothing was written', async () => {
    const at = testNow - 20 * 60 * minute;
    const id = InquiryId.parse(inquiryIdAt(at));
    const asked = { id, counter: counters[0], service: services[0], outcome: outcomes[0] };
    const memory = await journalOf([asked]);
    const query = { from: time(testNow - 24 * 60 * minute), to: time(testNow) };
    const { entries, next } = await listingOf(memory)(parseAuditQuery(query));
    expect([entries.map((entry) => entry.id), next]).toEqual([[id], undefined]);
    expect(memory.faults.calls('list')).toBe(bucketsPerPeriod * testSettings.layout.slots);
  });

  it('reads no partition that lies in the future', async () => {
    const memory = memoryJournalStore();
    const query = { from: time(testNow + minute), to: time(testNow + 60 * minute) };
    expect(await listingOf(memory)(parseAuditQuery(query))).toMatchObject({ entries: [] });
    expect(memory.faults.calls('list')).toBe(0);
  });

  it('says so when the journal cannot be read', async () => {
    const id = InquiryId.parse(inquiryIdAt(testNow - 1));
    const asked = { id, counter: counters[0], service: services[0], outcome: outcomes[0] };
    const memory = await journalOf([asked]);
    memory.faults.breakCall('list', 'not-persisted', 3);
    const query = { from: time(testNow - minute), to: time(testNow) };
    await expect(listingOf(memory)(parseAuditQuery(query))).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });

  it('takes a stored row that cannot be read for a bug, not for a fault of the auditor', async () => {
    const memory = memoryJournalStore();
    const address = addressOf(InquiryId.parse(inquiryIdAt(testNow)), testSettings.layout);
    await memory.store.putIntent(address, {
      record: new Uint8Array([9]),
      vault: new Uint8Array([9]),
    });
    const query = parseAuditQuery({ from: time(testNow), to: time(testNow + 1) });
    await expect(listingOf(memory)(query)).rejects.not.toHaveProperty('detail');
  });

  it('fails rather than leave entries out when a store says more and shows nothing', async () => {
    const memory = memoryJournalStore();
    const broken: JournalStore = {
      ...memory.store,
      periods: async (from) => [from],
      list: async () => ({ entries: [], more: true }),
    };
    const list = listingOf(memory, broken);
    const query = parseAuditQuery({
      from: new Date(testNow - 60_000).toISOString(),
      to: new Date(testNow).toISOString(),
    });
    await expect(list(query)).rejects.toThrow('no whole entry');
  });
});
