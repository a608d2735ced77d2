import { randomBytes } from 'node:crypto';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { httpAgencies } from './agencies/http-agencies.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { storedSigner } from './keys/signing-key.ts';

const random = (length: number): Uint8Array => randomBytes(length);

/** Puts the exchange together from its environment: the one place where adapters are chosen. */
export const loadExchange = async (env: Env): Promise<Exchange> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const registry = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  return {
    settings: {
      origin: env.ESTELAM_ORIGIN,
      layout: { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
      vaultKey: keys.vault,
      holdTime: env.HOLD_SECONDS * 1000,
    },
    directory: cachedDirectory(registry, Date.now),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    agencies: httpAgencies(),
    signer: storedSigner({ call, table: env.REGISTRY_TABLE }, { key: keys.sealing, random }),
    now: Date.now,
    random,
  };
};
