import { randomBytes } from 'node:crypto';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { recordedRegistry, recordStanding } from '#shared/registry/recorded-registry.ts';
import { settleRegistry } from '#shared/registry/settle-registry.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoLogHead } from './dynamo/log-head.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { shardsOf } from './log/log-env.ts';

/** Whether a log of this exchange has yet to begin. */
const isLogNew = async (env: Env): Promise<boolean> => {
  if (env.LOG_TABLE === undefined) return false;
  const heads = dynamoLogHead(dynamoClient(env), env.LOG_TABLE);
  const found = await Promise.all(shardsOf(env).map((shard) => heads.read(shard)));
  return found.includes(undefined);
};

/**
 * Opens the registry for changes, each of them on record in the journal before it takes effect. Where
 * the log has yet to begin, what stands already in the place of `entries` is recorded first, so that
 * every key in use is in the log.
 */
export const openRecordedRegistry = async (
  env: Env,
  entries: readonly RegistryEntry[],
): Promise<RegistryStore> => {
  const call = dynamoClient(env);
  const { slot: slotKey } = await loadSecretKeys(env);
  const parts = {
    store: dynamoRegistryStore(call, env.REGISTRY_TABLE),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    now: Date.now,
    random: (length: number): Uint8Array => randomBytes(length),
  };
  // What a command decided comes before what is put here, so that no change is passed over.
  await settleRegistry(parts);
  if (await isLogNew(env)) await recordStanding(parts, entries);
  return recordedRegistry(parts);
};
