import { randomBytes } from 'node:crypto';
import type { receiverOf } from '#shared/inquiry/exchange.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { DeskParts } from '#shared/oversight/erasure/desk.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { AwsJsonCall } from './aws-json.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJobStore } from './dynamo/job-store.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';

/** Where erasures are ordered, and who may. */
export type ErasureDesk = DeskParts & Parameters<typeof receiverOf>[0];

/** What is to be erased, and what must not be: jobs in the table of subjects. */
export const openErasureJobs = (env: Env, call: AwsJsonCall, now: Clock) => {
  const table = demand(env, 'SUBJECT_TABLE');
  const jobs = (kind: string) => dynamoJobStore(call, { table, kind, now });
  return { erasures: jobs('erasure'), holds: jobs('hold'), retention: jobs('retention') };
};

/** Puts the desk together from the environment. */
export const loadErasureDesk = async (env: Env): Promise<ErasureDesk> => {
  const call = dynamoClient(env);
  const { slot: slotKey, vault: vaultKey } = await loadSecretKeys(env);
  const layout = { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS };
  return {
    settings: { origin: env.ESTELAM_ORIGIN, layout, vaultKey },
    directory: cachedDirectory(dynamoRegistryStore(call, env.REGISTRY_TABLE), Date.now),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    ...openErasureJobs(env, call, Date.now),
    now: Date.now,
    random: (length) => randomBytes(length),
  };
};
