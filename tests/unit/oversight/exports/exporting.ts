/** A log in memory, jobs to export it, and workers to make them. */

import { makeExport } from '#shared/audit/export/make-export.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { cosignedKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import {
  type ExportMaking,
  type ExportStepped,
  exportWorker,
  planName,
} from '#shared/oversight/exports/export-job.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import {
  type ExportPlan,
  formatPlan,
  leavesIn,
  orderOf,
} from '#shared/oversight/exports/export-plan.ts';
import {
  type ExportJob,
  type ExportState,
  isOpen,
  partCount,
  partName,
  readableJobs,
  toExportJob,
  unsettled,
} from '#shared/oversight/exports/export-state.ts';
import { keptJob } from '#shared/oversight/exports/forget-export.ts';
import { exportTime } from '#shared/oversight/exports/take-export.ts';
import { type MemoryJobStore, memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import type { BuiltLog } from '#tests/support/log-builder.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { memorySpool } from '../../verify/sample-export.ts';

export const linkKey = Buffer.alloc(32, 7);
export const reader = 'auditor:inspection';

/** Small enough that a log of a few bundles takes many steps, and each of them several parts. */
const sizes = { bundles: 1, checks: 3, part: 60_000 };

export type ExportStage = {
  readonly making: ExportMaking;
  readonly objects: MemoryObjectStore;
  readonly derived: MemoryObjectStore;
  readonly jobs: MemoryJobStore;
  readonly clock: { now: number };
  /** Puts a job with its plan, as if it had been taken. */
  readonly begin: (plan: ExportPlan, change?: Partial<ExportState>) => Promise<InquiryId>;
  /** Another process that works. */
  readonly worker: () => () => Promise<ExportStepped>;
  /** Works until no job is open, new processes taking over where the store failed; the steps it took. */
  readonly finish: () => Promise<readonly ExportStepped[]>;
  readonly job: (id: string) => ExportJob;
  /** The parts of a finished export, one behind the other. */
  readonly tarOf: (id: string) => Promise<Uint8Array>;
};

export const publish = ({ overwrite }: MemoryObjectStore, built: BuiltLog, shard = 0): void => {
  for (const [path, bytes] of built.files) overwrite(logKey(shard, path), bytes);
  overwrite(cosignedKey(shard), built.checkpoint);
};

export const exportStage = (...logs: readonly BuiltLog[]): ExportStage => {
  const clock = { now: testNow };
  const [objects, derived] = [memoryObjectStore(), memoryObjectStore()];
  const jobs = memoryJobStore(() => clock.now);
  logs.forEach((built, shard) => publish(objects, built, shard));
  const making: ExportMaking = {
    jobs: jobs.store,
    openExports: memoryJobStore(() => clock.now).store,
    objects: objects.store,
    derived: derived.store,
    remover: derived.remover,
    now: () => clock.now,
    key: linkKey,
    provinceOf: async () => undefined,
    sizes,
  };
  const job = (id: string): ExportJob => {
    const found = jobs.dump().find((one) => one.id === id);
    if (found === undefined) throw new Error('there is no such job');
    return toExportJob(found);
  };
  const worker = () => exportWorker(making);
  const isAnyOpen = () => readableJobs(jobs.dump()).some(({ state }) => isOpen(state));
  return {
    making,
    objects,
    derived,
    jobs,
    clock,
    job,
    worker,
    begin: async (plan, change = {}) => {
      const id = InquiryId.parse(inquiryIdAt(clock.now));
      await exportParts(derived.store, linkKey, id).settle(planName, formatPlan(plan));
      const state: ExportState = {
        ...unsettled,
        by: reader,
        asked: plan.asked,
        scopes: '',
        step: 'lines',
        until: clock.now + exportTime,
        opened: plan.opened.map(({ inquiry }) => inquiry),
        total: leavesIn(plan),
        at: { range: 0, leaf: plan.parts[0]?.from ?? 0 },
        ...change,
      };
      await jobs.store.swap({ id, version: 1, state, until: clock.now + keptJob });
      return id;
    },
    finish: async () => {
      const taken: ExportStepped[] = [];
      let work = worker();
      while (isAnyOpen()) {
        try {
          taken.push(await work());
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          work = worker();
        }
      }
      return taken;
    },
    tarOf: async (id) => {
      const { state } = job(id);
      const names = Array.from({ length: partCount(state) }, (_, n) => partName(state, n)?.name);
      const { get } = exportParts(derived.store, linkKey, id);
      const parts = await Promise.all(names.map((name) => get(name ?? '')));
      return concat(...parts.map((part) => part ?? new Uint8Array()));
    },
  };
};

/** What a plan has to say of a built log. */
export const planPart = (
  { size, root, checkpoint }: BuiltLog,
  { shard = 0, from = 0, to = size }: { shard?: number; from?: number; to?: number } = {},
): ExportPlan['parts'][number] => ({ shard, from, to, size, root, checkpoint });

export const planOf = (parts: ExportPlan['parts'], more: Partial<ExportPlan> = {}): ExportPlan => ({
  asked: 'asked',
  parts,
  opened: [],
  ...more,
});

/** The same export, made in one go. */
export const madeAtOnce = async (stage: ExportStage, plan: ExportPlan): Promise<Uint8Array> => {
  const { objects, provinceOf } = stage.making;
  const pieces: Uint8Array[] = [];
  const making = { ...orderOf(plan, objects), spool: memorySpool(), provinceOf };
  for await (const piece of makeExport(making)) pieces.push(piece);
  return concat(...pieces);
};

/** Whether two byte strings are the same, without writing both of them out where they are not. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
