/** The process that makes an export is killed again and again; the next one goes on, with the same bytes. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJobStore } from '#functions/runtime/dynamo/job-store.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { findStoreBinary, startStore } from '#infra/local/store.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import { partCount, partName, toExportJob } from '#shared/oversight/exports/export-state.ts';
import { writeLog } from '#tests/support/log-builder.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import {
  exportStage,
  linkKey,
  madeAtOnce,
  planOf,
  planPart,
  same,
} from '#tests/unit/oversight/exports/exporting.ts';
import { long } from '#tests/unit/verify/sample-files.ts';

const program = fileURLToPath(new URL('./export-process.ts', import.meta.url));

/** Milliseconds: on a busy machine each process takes seconds to begin. */
const patience = 120_000;

/** Kills a worker so many milliseconds into the step behind so many; false when it was done before. */
const killedAfter = async (
  child: ChildProcess,
  steps: number,
  milliseconds: number,
): Promise<boolean> => {
  const ended = once(child, 'exit');
  let seen = 0;
  const reached = new Promise<void>((resolve) => {
    child.on('message', () => {
      seen += 1;
      // It has ended where it was done.
      if (child.connected) child.send('go on', () => undefined);
      if (seen === steps) resolve();
    });
  });
  await Promise.race([reached, ended]);
  await wait(milliseconds);
  child.kill('SIGKILL');
  await ended;
  return child.signalCode === 'SIGKILL';
};

describe('an export whose process is killed', () => {
  it(
    'is made by those that follow, the same bytes as in one go',
    async ({ skip }) => {
      skip(findStoreBinary() === undefined, 'the embedded store has no binary for this machine');
      await using folder = await temporaryFolder();
      const [objects, derived] = [join(folder.path, 'objects'), join(folder.path, 'derived')];
      await writeLog(join(objects, 'log', '0'), long.files);
      await using owned = new AsyncDisposableStack();
      const store = await startStore({});
      owned.defer(store.close);
      const call = dynamoClient({
        DYNAMODB_ENDPOINT: store.endpoint,
        AWS_REGION: 'local',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        LOG_LEVEL: 'ERROR',
      });
      const table = 'transient';
      await ensureTable(call, table);
      const jobs = dynamoJobStore(call, { table, kind: 'export', now: Date.now });
      const stage = exportStage(long);
      const plan = planOf([planPart(long)]);
      const id = await stage.begin(plan);
      const begun = { ...stage.job(id), until: Date.now() + 3_600_000 };
      const plans = await exportParts(stage.derived.store, linkKey, id).get('plan');
      const parts = exportParts(directoryObjectStore(derived), linkKey, id);
      await parts.settle('plan', plans ?? new Uint8Array());
      await jobs.swap(begun);

      let kills = 0;
      for (let round = 0; ; round += 1) {
        const child = fork(program, [objects, derived, store.endpoint, table]);
        if (!(await killedAfter(child, 1 + (round % 2), (round * 7) % 20))) break;
        kills += 1;
      }

      const standing = await jobs.read(id);
      expect(kills).toBeGreaterThan(2);
      expect(standing).toBeDefined();
      const { state } = toExportJob(standing ?? begun);
      expect(state.step).toBe('done');
      const names = Array.from(
        { length: partCount(state) },
        (_, n) => partName(state, n)?.name ?? '',
      );
      const tar = concat(
        ...(await Promise.all(names.map(parts.get))).flatMap((part) => part ?? []),
      );
      expect(same(tar, await madeAtOnce(stage, plan))).toBe(true);
    },
    patience,
  );
});
