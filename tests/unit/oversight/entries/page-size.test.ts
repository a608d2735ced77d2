import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { bundlePath } from '#shared/audit/tlog/tile-path.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { mostRecords, parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { type AuditPage, listEntries } from '#shared/oversight/entries/list-entries.ts';
import { mostOfPage, sizeOf, withinPage } from '#shared/oversight/entries/page-size.ts';
import { recordsOf } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { type Inquiry, journalOf, testSettings } from '../../inquiry/journal-stage.ts';
import { indexStage } from './index-stage.ts';

const minute = 60_000;
const range = {
  from: new Date(testNow - 60 * minute).toISOString(),
  to: new Date(testNow).toISOString(),
};

/** Inquiries some time apart, with signatures as long as is told. */
const largeOnes = (sizes: readonly number[], apart: number): readonly Inquiry[] =>
  sizes.map((signature, n) => ({
    id: InquiryId.parse(inquiryIdAt(testNow - (sizes.length - n) * apart)),
    counter: 'counter:1',
    service: 'police/vehicle@1',
    outcome: 'FOUND',
    signature,
  }));

/** A listing over them, of which the first `indexed` are in the index and in one bundle of a log. */
const listingOf = async (sizes: readonly number[], indexed: number, apart = minute / 2) => {
  const inquiries = largeOnes(sizes, apart);
  const journal = await journalOf(inquiries);
  const stage = indexStage(journal);
  if (indexed > 0) await stage.feed(indexed);
  const leaves = inquiries.slice(0, indexed).map(({ id }) => {
    const { intent, outcome } = recordsOf(journal, addressOf(id, testSettings.layout));
    return leafData(intent, outcome);
  });
  const objects = memoryObjectStore();
  const path = bundlePath({ index: 0, width: indexed });
  await objects.store.putIfAbsent(logKey(0, path), formatBundle(leaves));
  const checkpoint = { origin: 'log', size: BigInt(indexed), root: new Uint8Array(32) };
  const text = formatCheckpoint({ ...checkpoint, extensions: [] });
  const signature = { name: 'log', id: '00000000', signature: new Uint8Array(64) };
  await objects.store.putIfAbsent(checkpointKey(0), formatNote({ text, signatures: [signature] }));
  const directory = { participant: async () => agencyOf('auditor:one') };
  const list = listEntries({ ...stage.parts, objects: objects.store, directory });
  return {
    ids: inquiries.map(({ id }) => id),
    list: (more: Readonly<Record<string, string>>) =>
      list(parseAuditQuery({ ...range, ...more }), 'auditor:one'),
  };
};

const allPages = async (
  { list }: Pick<Awaited<ReturnType<typeof listingOf>>, 'list'>,
  asked: Readonly<Record<string, string>>,
): Promise<readonly AuditPage[]> => {
  const pages: AuditPage[] = [];
  let cursor: Readonly<Record<string, string>> = {};
  for (;;) {
    const page = await list({ ...asked, ...cursor });
    pages.push(page);
    if (page.next === undefined) return pages;
    cursor = { cursor: page.next };
  }
};

/** As many as a page may have with their texts, each nearly as large as a record can be. */
const large = Array.from({ length: mostRecords }, () => 60_000);

describe('a page with the texts of its leaves', () => {
  it.each([0, 30, 95, 100])(
    'ends where an answer could not hold more, %i of a hundred in the index, and goes on',
    async (indexed) => {
      const listing = await listingOf(large, indexed);
      const pages = await allPages(listing, { include: 'record' });
      expect(pages.flatMap(({ entries }) => entries.map(({ id }) => id))).toEqual(listing.ids);
      for (const { entries } of pages) {
        expect(entries.reduce((sum, entry) => sum + sizeOf(entry), 0)).toBeLessThan(mostOfPage);
      }
      expect(pages).toHaveLength(2);
    },
  );

  it('goes on behind its last entry, also among those of one bucket', async () => {
    const listing = await listingOf(large, 0, 20);
    const pages = await allPages(listing, { include: 'record' });
    const shown = pages.flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(pages).toHaveLength(2);
    expect(shown.toSorted()).toEqual(listing.ids);
  });

  it('is no shorter where the texts are not asked for', async () => {
    const listing = await listingOf(large, 40);
    const { entries, next } = await listing.list({ limit: '1000' });
    expect([entries.length, next]).toEqual([mostRecords, undefined]);
  });

  it('has its first entry, however large', async () => {
    const { list } = await listingOf([10, 10], 0);
    const [one, other] = (await list({ include: 'record' })).entries;
    if (one === undefined || other === undefined) throw new Error('There are not two.');
    const larger = { ...one, i: 'A'.repeat(mostOfPage) };
    expect(withinPage([larger, other])).toBe(1);
    expect(withinPage([one, larger, other])).toBe(1);
    expect(withinPage([one, other])).toBe(2);
    expect(withinPage([])).toBe(0);
  });
});
