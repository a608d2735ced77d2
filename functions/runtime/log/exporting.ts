import { exportWorker, usualSizes } from '#shared/oversight/exports/export-job.ts';
import { listOpen } from '#shared/oversight/exports/open-exports.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoRegistryStore } from '../dynamo/registry-store.ts';
import { openExportJobs, openOpenExports } from '../export-reading.ts';
import { loadSecretKeys } from '../keys/secret.ts';
import { openObjectRemover, openObjectStore } from '../objects/open-objects.ts';
import type { LogProcess, Work } from './scheduled.ts';
import { secondsSince } from './seconds-since.ts';

/** Milliseconds between looks for exports that are to be made. */
const pace = 1000;

/** Makes the exports that were asked for, of all logs. */
export const loadExporting = async ({ env, now, observe }: LogProcess): Promise<Work> => {
  const { link } = await loadSecretKeys(env);
  const openExports = openOpenExports(env, now);
  const work = exportWorker({
    jobs: openExportJobs(env, now),
    openExports,
    objects: openObjectStore(env, 'OBJECTS'),
    derived: openObjectStore(env, 'DERIVED'),
    remover: openObjectRemover(env),
    now,
    key: link,
    provinceOf: provinceThen(dynamoRegistryStore(dynamoClient(env), env.REGISTRY_TABLE)),
    sizes: usualSizes,
  });
  /** How long the oldest waits or is made: one that fails at each step is told by nothing else. */
  const tellAge = async (): Promise<void> => {
    const since = (await listOpen(openExports)).map((one) => one.since);
    observe.metric('ExportAge', secondsSince(Math.min(now(), ...since), now()));
  };
  const step = async (first: boolean) => {
    if (first) await tellAge();
    const stepped = await work();
    if (stepped.kind === 'idle') return { more: false };
    if (stepped.kind === 'overtaken') return { more: true };
    const { id, state } = stepped.job;
    if (stepped.kind === 'forgetting') {
      const removed = state.removed.times;
      observe.event('export-forgotten', { export: id, step: state.step, removed });
      return { more: true };
    }
    if (stepped.error !== undefined) observe.failure(stepped.error, { export: id });
    if (state.step === 'done' || state.step === 'failed') {
      const { rows, bytes, failure = '' } = state;
      observe.event('export', { export: id, step: state.step, rows, bytes, failure });
    }
    return { more: true };
  };
  return { pace, tasks: [{ shard: 0, step }] };
};
