import { randomBytes } from 'node:crypto';
import { settleRegistry } from '#shared/registry/settle-registry.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import { loadSecretKeys } from './keys/secret.ts';
import type { InvokedHandler } from './log/invoked.ts';
import type { LogProcess } from './log/scheduled.ts';

/** Finishes changes of the registry whose process did not. */
export const loadSettling = async ({ env, now, observe }: LogProcess): Promise<InvokedHandler> => {
  const call = dynamoClient(env);
  const { slot: slotKey } = await loadSecretKeys(env);
  const store = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  const parts = {
    store,
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    now,
    random: (length: number): Uint8Array => randomBytes(length),
  };
  return async () => {
    const before = await store.version();
    const version = await settleRegistry(parts);
    const finished = version - before;
    if (finished > 0) {
      // Some of them may have been under way: what matters is whether there are such again and again.
      observe.metric('ChangesFinished', finished);
      observe.event('changes-finished', { finished, version });
    }
    return { finished, version };
  };
};
