import { randomBytes } from 'node:crypto';
import type { StatementParts } from '#shared/inquiry/take-statement.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import { dynamoStatementStore } from './dynamo/statement-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';

/** Puts together what statements are taken with, from its environment. */
export const loadStatementParts = async (env: Env): Promise<StatementParts> => {
  const call = dynamoClient(env);
  const { slot: slotKey } = await loadSecretKeys(env);
  return {
    settings: { origin: env.ESTELAM_ORIGIN },
    directory: cachedDirectory(dynamoRegistryStore(call, env.REGISTRY_TABLE), Date.now),
    statements: dynamoStatementStore(call, demand(env, 'INDEX_TABLE')),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    now: Date.now,
    random: (length) => randomBytes(length),
  };
};
