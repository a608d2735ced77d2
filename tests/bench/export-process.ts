/**
 * Makes one export of a whole log in a directory, or does no more than what any maker has to: read the
 * bundles and write as many bytes. Says what came of it; a process of its own, whose memory can be seen.
 */
import { directoryObjectRemover } from '#functions/runtime/objects/directory-object-remover.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { logFiles, logKey, readBundle } from '#shared/audit/sequence/log-files.ts';
import { parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { exportWorker, planName, usualSizes } from '#shared/oversight/exports/export-job.ts';
import { exportParts, maxPart } from '#shared/oversight/exports/export-parts.ts';
import { type ExportPlan, formatPlan } from '#shared/oversight/exports/export-plan.ts';
import {
  type ExportState,
  toExportJob,
  unsettled,
} from '#shared/oversight/exports/export-state.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';

const [mode = '', objectsAt = '', derivedAt = '', bytesToWrite = '0'] = process.argv.slice(2);
const objects = directoryObjectStore(objectsAt);
const derived = directoryObjectStore(derivedAt);
const key = Buffer.alloc(32, 1);

const checkpointHere = async () => {
  const bytes = (await objects.get(logKey(0, 'checkpoint'))) ?? new Uint8Array();
  const checkpoint = parseCheckpoint(parseNote(bytes)?.text ?? '');
  if (checkpoint === undefined) throw new Error('The bench has no log.');
  return { bytes, root: checkpoint.root, size: Number(checkpoint.size) };
};

const makeExport = async (): Promise<number> => {
  const { bytes: checkpoint, root, size } = await checkpointHere();
  const plan: ExportPlan = {
    asked: 'asked',
    parts: [{ shard: 0, from: 0, to: size, size, root, checkpoint }],
    opened: [],
  };
  const jobs = memoryJobStore(Date.now);
  const id = InquiryId.parse(inquiryIdAt(Date.now()));
  const state: ExportState = {
    ...unsettled,
    by: 'auditor:bench',
    asked: plan.asked,
    scopes: '',
    step: 'lines',
    until: Date.now() + 3_600_000,
    opened: [],
    total: size,
  };
  await exportParts(derived, key, id).settle(planName, formatPlan(plan));
  await jobs.store.swap({ id, version: 1, state, until: Date.now() + 3_600_000 });
  const work = exportWorker({
    jobs: jobs.store,
    openExports: memoryJobStore(Date.now).store,
    objects,
    derived,
    remover: directoryObjectRemover(derivedAt),
    now: Date.now,
    key,
    provinceOf: async () => undefined,
    sizes: usualSizes,
  });
  while ((await work()).kind !== 'idle');
  const [made] = jobs.dump().map(toExportJob);
  if (made?.state.step !== 'done') throw new Error('The export of the bench failed.');
  return made.state.bytes;
};

const readAndWrite = async (total: number): Promise<number> => {
  const { size } = await checkpointHere();
  const files = logFiles(objects, 0);
  for (let index = 0; index * tileWidth < size; index += 1) {
    await readBundle(files, index, Math.min(tileWidth, size - index * tileWidth));
  }
  const part = Buffer.alloc(maxPart, 7);
  let written = 0;
  for (let n = 0; written < total; n += 1) {
    const bytes = part.subarray(0, Math.min(maxPart, total - written));
    await derived.putIfAbsent(`export/floor/${n}`, bytes);
    // What is made is read once more, to see that it stands.
    await derived.get(`export/floor/${n}`);
    written += bytes.length;
  }
  return written;
};

const started = performance.now();
const before = process.cpuUsage();
const bytes = await (mode === 'floor' ? readAndWrite(Number(bytesToWrite)) : makeExport());
const { user, system } = process.cpuUsage(before);
process.send?.({
  seconds: (performance.now() - started) / 1000,
  cpu: (user + system) / 1e6,
  bytes,
});
