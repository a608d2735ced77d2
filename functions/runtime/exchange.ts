import { randomBytes } from 'node:crypto';
import { cachedLogStatus } from '#shared/inquiry/cached-log-status.ts';
import type { Exchange } from '#shared/inquiry/exchange.ts';
import { holdKeys } from '#shared/inquiry/hold-keys.ts';
import { ownKeys } from '#shared/inquiry/own-keys.ts';
import { logStatusReader } from '#shared/inquiry/read-log-status.ts';
import { quotaSpender } from '#shared/inquiry/spend-quota.ts';
import { withConfidential } from '#shared/registry/confidential-bases.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { settleRegistry } from '#shared/registry/settle-registry.ts';
import { httpAgencies } from './agencies/http-agencies.ts';
import { briefly } from './briefly.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoHoldKeyStore } from './dynamo/hold-key-store.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoKeyRing } from './dynamo/key-ring.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { keySmith } from './keys/signing-key.ts';
import { openHeads, openLog } from './log/open-log.ts';
import { personRulesOf } from './oidc/open-persons.ts';
import { openMeters } from './open-meters.ts';
import { openRefusals } from './open-refusals.ts';

const random = (length: number): Uint8Array => randomBytes(length);

/** Puts the exchange together from its environment: the one place where adapters are chosen. */
export const loadExchange = async (env: Env): Promise<Exchange> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const registry = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  const log = openLog(env, call);
  const logStatus = logStatusReader({
    heads: openHeads(env, call),
    log,
    origin: env.ESTELAM_ORIGIN,
  });
  const journal = dynamoJournalStore(call, env.JOURNAL_TABLE);
  const meters = openMeters(env, call);
  const layout = { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS };
  const own = ownKeys({
    store: dynamoKeyRing(call, env.REGISTRY_TABLE),
    smith: keySmith({ key: keys.sealing, random }),
    recording: { journal, layout, now: Date.now, random },
  });
  const directory = cachedDirectory(registry, Date.now, () =>
    settleRegistry({ store: registry, journal, layout, now: Date.now, random }),
  );
  const confidentialBases = env.CONFIDENTIAL_BASES;
  return {
    settings: {
      origin: env.ESTELAM_ORIGIN,
      layout,
      vaultKey: keys.vault,
      holdTime: env.HOLD_SECONDS * 1000,
      mergeDelay: env.MERGE_DELAY_SECONDS,
      logLimits: { sequencing: env.SEQUENCING_LIMIT_SECONDS, witness: env.WITNESS_LIMIT_SECONDS },
      logEntries: env.LOG_ENTRIES,
      confidentialBases,
      persons: personRulesOf(env),
    },
    directory: { ...directory, snapshot: withConfidential(confidentialBases, directory.snapshot) },
    journal,
    holdKeys: holdKeys({
      store: dynamoHoldKeyStore(call, env.JOURNAL_TABLE),
      vaultKey: keys.vault,
      now: Date.now,
      random,
      briefly,
    }),
    agencies: httpAgencies(),
    signer: own.signer,
    publishedKeys: own.published,
    log,
    logStatus: cachedLogStatus(logStatus, Date.now),
    spendQuota: quotaSpender(meters),
    meters,
    refusals: openRefusals(env, call),
    now: Date.now,
    random,
  };
};
