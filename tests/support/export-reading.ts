/** What exports stand on, over the memory twins of a test's exchange; and an export that is done. */
import type { ExportsGround } from '#functions/runtime/export-reading.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { partLink } from '#shared/oversight/exports/export-link.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import { type ExportState, unsettled } from '#shared/oversight/exports/export-state.ts';
import { keptJob } from '#shared/oversight/exports/forget-export.ts';
import { openDisclosure } from '#shared/oversight/facts/open-disclosure.ts';
import { type MemoryJobStore, memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { auditReadingOf } from './audit-reading.ts';
import type { TestExchange } from './exchange.ts';
import type { FedLog } from './fed-log.ts';
import { inquiryIdAt } from './messages.ts';

export const testLinkKey = sha256('link key');

export type TestExports = {
  readonly jobs: MemoryJobStore;
  readonly openExports: MemoryJobStore;
  readonly derived: MemoryObjectStore;
};

export const testExports = ({ clock }: Pick<TestExchange, 'clock'>): TestExports => ({
  jobs: memoryJobStore(clock.now),
  openExports: memoryJobStore(clock.now),
  derived: memoryObjectStore(),
});

/** A job of somebody that is at a step, with one part. */
export const standingExport = async (
  { jobs, derived }: Pick<TestExports, 'jobs' | 'derived'>,
  { clock }: Pick<TestExchange, 'clock'>,
  { by, step = 'done' }: { readonly by: string; readonly step?: ExportState['step'] },
): Promise<{ readonly id: InquiryId; readonly link: URL }> => {
  const now = clock.now();
  const id = InquiryId.parse(inquiryIdAt(now));
  await exportParts(derived.store, testLinkKey, id).put('head/0', [utf8('the head')]);
  const state: ExportState = {
    ...unsettled,
    by,
    asked: 'asked',
    scopes: 'scopes',
    step,
    until: now + 3_600_000,
    opened: [],
    total: 1,
    done: 1,
    rows: 1,
    bytes: 8,
    parts: { head: 1, lines: 0, census: 0, tail: 0 },
  };
  await jobs.store.swap({ id, version: 1, state, until: now + keptJob });
  const link = partLink(testLinkKey, { id, part: 0, expires: Math.floor(now / 1000) + 60 });
  return { id, link: new URL(link, 'https://exchange.example') };
};

/** `exchange`: another process over the same stores. */
export const exportsGroundOf = (
  test: TestExchange,
  fed: FedLog,
  { jobs, openExports, derived }: TestExports,
  exchange: Exchange = test.exchange,
): ExportsGround => {
  const reading = auditReadingOf(test, fed, exchange);
  const { settings } = exchange;
  const meters = test.meters.store;
  return {
    ...reading,
    settings,
    reading,
    derived: derived.store,
    log: exchange.log,
    jobs: jobs.store,
    openExports: openExports.store,
    key: testLinkKey,
    provinceOf: fed.parts.province,
    meters,
    openFact: openDisclosure({
      ...reading,
      settings,
      derived: fed.objects.store,
      meters,
    }),
  };
};
