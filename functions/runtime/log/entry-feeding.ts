import type { EntryFeeding } from '#shared/oversight/feeding/feed-entries.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoIndexMarks } from '../dynamo/index-marks.ts';
import { dynamoJournalStore } from '../dynamo/journal-store.ts';
import { dynamoLogHead } from '../dynamo/log-head.ts';
import { dynamoRegistryStore } from '../dynamo/registry-store.ts';
import { dynamoSubjectIndex } from '../dynamo/subject-index.ts';
import type { Env } from '../env.ts';
import { loadSecretKeys } from '../keys/secret.ts';
import { openObjectStore } from '../objects/open-objects.ts';
import { demand } from './log-env.ts';

/** What the index of entries is fed with, as the settings name it. */
export const loadEntryFeeding = async (env: Env): Promise<EntryFeeding> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const registry = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  return {
    objects: openObjectStore(env, 'OBJECTS'),
    derived: openObjectStore(env, 'DERIVED'),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    subjects: dynamoSubjectIndex(call, demand(env, 'SUBJECT_TABLE')),
    marks: dynamoIndexMarks(call, demand(env, 'INDEX_TABLE')),
    heads: dynamoLogHead(call, demand(env, 'LOG_TABLE')),
    province: provinceThen(registry),
    inputs: serviceInputs(registry),
    settings: {
      layout: { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
      vaultKey: keys.vault,
      subjectKey: keys.subject,
    },
  };
};
