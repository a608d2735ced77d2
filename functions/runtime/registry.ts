import { randomBytes } from 'node:crypto';
import type { receiverOf } from '#shared/inquiry/exchange.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { limitedPast } from '#shared/registry/limited-past.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import type { CommandParts } from '#shared/registry/run-command.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';

/** Puts together what a command changes the registry with, from its environment. */
export const loadCommandParts = async (env: Env): Promise<CommandParts> => {
  const call = dynamoClient(env);
  const { slot: slotKey } = await loadSecretKeys(env);
  return {
    store: dynamoRegistryStore(call, env.REGISTRY_TABLE),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    origin: env.ESTELAM_ORIGIN,
    root: env.REGISTRY_ROOT,
    now: Date.now,
    random: (length) => randomBytes(length),
  };
};

/** What the registry is read from, and who may read all of it. */
export type RegistryReading = Parameters<typeof receiverOf>[0] & { readonly store: RegistryStore };

export const loadRegistryReading = async (env: Env): Promise<RegistryReading> => {
  const store = limitedPast(dynamoRegistryStore(dynamoClient(env), env.REGISTRY_TABLE), Date.now);
  return {
    settings: { origin: env.ESTELAM_ORIGIN },
    directory: cachedDirectory(store, Date.now),
    store,
    now: Date.now,
  };
};
