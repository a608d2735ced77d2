import { randomBytes } from 'node:crypto';
import { runErasures } from '#shared/oversight/erasure/run-erasures.ts';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoIndexMarks } from '../dynamo/index-marks.ts';
import { dynamoJournalStore } from '../dynamo/journal-store.ts';
import { dynamoLogHead } from '../dynamo/log-head.ts';
import { dynamoRegistryStore } from '../dynamo/registry-store.ts';
import { dynamoSubjectIndex } from '../dynamo/subject-index.ts';
import { openErasureJobs } from '../erasure-desk.ts';
import { openExportJobs } from '../export-reading.ts';
import { loadSecretKeys } from '../keys/secret.ts';
import { openObjectRemover, openObjectStore } from '../objects/open-objects.ts';
import { demand } from './log-env.ts';
import type { LogProcess, Work } from './scheduled.ts';
import { secondsSince } from './seconds-since.ts';

/** Milliseconds between looks for what is to be erased. */
const pace = 10_000;

/** Milliseconds that one step of it goes on for. */
const slice = 15_000;

/** Erases what is ordered, and what is past its retention. */
export const loadErasing = async ({ env, now, observe }: LogProcess): Promise<Work> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const parts = {
    layout: { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    vaultKey: keys.vault,
    subjectKey: keys.subject,
    shards: env.JOURNAL_SHARDS,
    days: env.RETENTION_DAYS,
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    derived: openObjectStore(env, 'DERIVED'),
    marks: dynamoIndexMarks(call, demand(env, 'INDEX_TABLE')),
    heads: dynamoLogHead(call, demand(env, 'LOG_TABLE')),
    inputs: serviceInputs(dynamoRegistryStore(call, env.REGISTRY_TABLE)),
    subjects: dynamoSubjectIndex(call, demand(env, 'SUBJECT_TABLE')),
    ...openErasureJobs(env, call, now),
    exports: openExportJobs(env, now),
    remover: openObjectRemover(env),
    now,
    steady: () => performance.now(),
    random: (length: number): Uint8Array => randomBytes(length),
  };
  const failed = (error: unknown, what: { readonly job: string }): void =>
    observe.failure(error, what);
  const run = runErasures(parts, { now, failed });
  const step = async (first: boolean): Promise<{ readonly more: boolean }> => {
    const { open, oldest, due, more } = await run(now() + slice);
    if (first) {
      observe.metric('ErasuresOpen', open);
      observe.metric('ErasureAge', oldest === undefined ? 0 : secondsSince(oldest, now()));
      observe.metric('RetentionLag', secondsSince(due, now()));
    }
    return { more };
  };
  return { pace, tasks: [{ shard: 0, step }] };
};
