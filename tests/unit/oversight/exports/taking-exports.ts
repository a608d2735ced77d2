/** An exchange with a log, readers of several scopes, and what exports are taken and read with. */

import { LogRead } from '#events/log-read.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { memorySegmentSource } from '#shared/audit/index/segment-source.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import {
  type ExportMaking,
  exportWorker,
  usualSizes,
} from '#shared/oversight/exports/export-job.ts';
import type { ExportReading } from '#shared/oversight/exports/read-export.ts';
import type { ExportTaking } from '#shared/oversight/exports/take-export.ts';
import { memoryIndexMarks } from '#shared/oversight/feeding/memory-index-marks.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { Scope } from '#shared/registry/scope.ts';
import { makeExchange, sampleEntries, testKeys } from '#tests/support/exchange.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { linkKey } from './exporting.ts';

export const readers: Readonly<Record<string, readonly Scope[] | undefined>> = {
  'auditor:all': [{ kind: 'all' }],
  'auditor:civil': [{ kind: 'agency', value: 'agency:civil-registry' }],
  'auditor:telecom': [{ kind: 'agency', value: 'agency:telecom' }],
  'auditor:tehran': [{ kind: 'province', value: 'تهران' }],
  'auditor:nothing': [],
  'registrar:one': undefined,
};

export const kid = 'A'.repeat(43);

export type TakingStage = Awaited<ReturnType<typeof takingStage>>;

/** `inquiries` of a counter, all of them in the log. */
export const takingStage = async (inquiries = 3) => {
  const auditors = Object.entries(readers).map(([id, scopes]) => ({
    ...agencyOf(id),
    ...(scopes !== undefined && { scopes: [...scopes] }),
  }));
  const stage = await makeExchange({ registry: [...sampleEntries(await testKeys()), ...auditors] });
  const { exchange, clock, meters, log } = stage;
  for (let n = 0; n < inquiries; n += 1) await stage.submit(await stage.request());
  await log.sequence();
  await log.witness();
  const [source, marks] = [memorySegmentSource(), memoryIndexMarks()];
  const derived = memoryObjectStore();
  const jobs = memoryJobStore(clock.now);
  const places = memoryJobStore(clock.now);
  const opened: unknown[] = [];
  const parts: ExportTaking & ExportReading = {
    settings: exchange.settings,
    directory: exchange.directory,
    journal: exchange.journal,
    log: exchange.log,
    noteAccess: noteAccess(exchange),
    meters: meters.store,
    now: clock.now,
    jobs: jobs.store,
    openExports: places.store,
    derived: derived.store,
    key: linkKey,
    provinceOf: async () => 'تهران',
    reading: {
      index: openedIndex(source.source, { segments: 2, summaries: 2 }, clock.now),
      marks: marks.store,
      shards: 1,
    },
    openFact: async (asked, sender) => {
      opened.push({ ...asked, ...sender });
      return { fact: { disclosure: Buffer.from(`["a","${asked.fact}",1]`).toString('base64url') } };
    },
  };
  const making: ExportMaking = {
    jobs: jobs.store,
    openExports: places.store,
    objects: log.objects.store,
    derived: derived.store,
    remover: derived.remover,
    now: clock.now,
    key: linkKey,
    provinceOf: parts.provinceOf,
    sizes: usualSizes,
  };
  return {
    ...stage,
    parts,
    making,
    jobs,
    openPlaces: places,
    derived,
    source,
    marks,
    opened,
    work: async (): Promise<void> => {
      const work = exportWorker(making);
      while ((await work()).kind !== 'idle');
    },
    /** A body with an id that is made now. */
    asking: (more: JsonObject): JsonObject => ({ id: inquiryIdAt(clock.now()), ...more }),
    /** The reads that are on record, in their order. */
    reads: (): readonly LogRead[] =>
      stage.journal
        .dump()
        .flatMap(({ record }) => {
          const json: unknown =
            record === undefined ? undefined : JSON.parse(unpackRecord(record.record));
          const read = LogRead.safeParse(json).data;
          return read === undefined ? [] : [read];
        })
        .toSorted((a, b) => a.t - b.t),
  };
};
