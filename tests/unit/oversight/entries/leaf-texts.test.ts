import { describe, expect, it } from 'vitest';
import { addressOf } from '#shared/audit/address.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { bundlePath } from '#shared/audit/tlog/tile-path.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { parseAuditQuery } from '#shared/oversight/entries/audit-query.ts';
import { bundlesPerPage } from '#shared/oversight/entries/leaf-texts.ts';
import { listEntries } from '#shared/oversight/entries/list-entries.ts';
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

/** Inquiries a minute apart, so that their order is that in which they were asked. */
const inquiries = Array.from(
  { length: 40 },
  (_, n): Inquiry => ({
    id: InquiryId.parse(inquiryIdAt(testNow - (40 - n) * minute)),
    counter: 'counter:1',
    service: 'police/vehicle@1',
    outcome: 'FOUND',
  }),
);

/** A log with each of them in a bundle of its own, at its beginning, and a listing over it. */
const scattered = async () => {
  const journal = await journalOf(inquiries);
  const stage = indexStage(journal, { stride: tileWidth });
  await stage.feed(inquiries.length);
  const objects = memoryObjectStore();
  const size = inquiries.length * tileWidth;
  for (const [index, { id }] of inquiries.entries()) {
    const { intent, outcome } = recordsOf(journal, addressOf(id, testSettings.layout));
    const others = Array.from({ length: tileWidth - 1 }, () => utf8('{}\n'));
    const path = bundlePath({ index, width: tileWidth });
    const bytes = formatBundle([leafData(intent, outcome), ...others]);
    await objects.store.putIfAbsent(logKey(0, path), bytes);
  }
  const checkpoint = { origin: 'log', size: BigInt(size), root: new Uint8Array(32) };
  const text = formatCheckpoint({ ...checkpoint, extensions: [] });
  const signature = { name: 'log', id: '00000000', signature: new Uint8Array(64) };
  const note = formatNote({ text, signatures: [signature] });
  await objects.store.putIfAbsent(checkpointKey(0), note);
  const directory = { participant: async () => agencyOf('auditor:one') };
  const list = listEntries({ ...stage.parts, objects: objects.store, directory });
  return {
    objects,
    list: (filter: Readonly<Record<string, string>> = {}) =>
      list(parseAuditQuery({ ...range, ...filter }), 'auditor:one'),
  };
};

const texts = { include: 'record' } as const;

const bundlesRead = ({ faults }: MemoryObjectStore): number => faults.calls('get');

describe('the texts of leaves that lie far apart', () => {
  it('are read from so many bundles for a page, which is short then and has a next one', async () => {
    const { objects, list } = await scattered();
    const first = await list(texts);
    expect(first.entries).toHaveLength(bundlesPerPage);
    // And the checkpoint, which says how much is published.
    expect(bundlesRead(objects)).toBe(bundlesPerPage + 1);
    const second = await list({ ...texts, cursor: first.next ?? '' });
    const shown = [...first.entries, ...second.entries];
    expect(shown.map(({ id }) => id)).toEqual(inquiries.map(({ id }) => id));
    expect(shown.every(({ i, o }) => i !== undefined && o !== undefined)).toBe(true);
  });

  it('are not read where they are not asked for', async () => {
    const { objects, list } = await scattered();
    expect((await list()).entries).toHaveLength(inquiries.length);
    expect(bundlesRead(objects)).toBe(0);
    await list({ ...texts, limit: '1' });
    expect(bundlesRead(objects)).toBe(2);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'are store-unavailable while the log cannot be read (%s)',
    async (fault) => {
      const { objects, list } = await scattered();
      objects.faults.breakCall('get', fault, 3);
      await expect(list(texts)).rejects.toMatchObject({ name: 'store-unavailable' });
    },
  );
});
