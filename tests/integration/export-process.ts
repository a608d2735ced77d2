/**
 * A process that makes exports over files and a table, a step at a time; it says so after each, and waits
 * to be told to go on. Its arguments: the folders of the log and of the parts, the endpoint of the table,
 * and the table.
 */
import { once } from 'node:events';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJobStore } from '#functions/runtime/dynamo/job-store.ts';
import { directoryObjectRemover } from '#functions/runtime/objects/directory-object-remover.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { exportWorker } from '#shared/oversight/exports/export-job.ts';

const [objects = '', derived = '', endpoint = '', table = ''] = process.argv.slice(2);

const call = dynamoClient({
  DYNAMODB_ENDPOINT: endpoint,
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  LOG_LEVEL: 'ERROR',
});
const work = exportWorker({
  jobs: dynamoJobStore(call, { table, kind: 'export', now: Date.now }),
  openExports: dynamoJobStore(call, { table, kind: 'open-exports', now: Date.now }),
  objects: directoryObjectStore(objects),
  derived: directoryObjectStore(derived),
  remover: directoryObjectRemover(derived),
  now: Date.now,
  key: Buffer.alloc(32, 7),
  provinceOf: async () => undefined,
  sizes: { bundles: 1, checks: 4, part: 40_000 },
});
for (;;) {
  const stepped = await work();
  const toldOn = once(process, 'message');
  process.send?.({ kind: stepped.kind });
  if (stepped.kind === 'idle') break;
  await toldOn;
}
process.disconnect();
