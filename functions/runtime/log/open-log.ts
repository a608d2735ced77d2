import { randomBytes } from 'node:crypto';
import type { LogReading } from '#shared/api/read-log-file.ts';
import type { LogHead } from '#shared/audit/log-head.ts';
import type { LogAccess } from '#shared/inquiry/exchange.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { type NoteAccess, noteAccess } from '#shared/oversight/note-access.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoJournalStore } from '../dynamo/journal-store.ts';
import { dynamoLogHead } from '../dynamo/log-head.ts';
import { dynamoLogIndex } from '../dynamo/log-index.ts';
import { dynamoRegistryStore } from '../dynamo/registry-store.ts';
import type { Env } from '../env.ts';
import { loadSecretKeys } from '../keys/secret.ts';
import { loadOnce } from '../load-once.ts';
import { openObjectStore } from '../objects/open-objects.ts';
import { openMeters } from '../open-meters.ts';
import { demand } from './log-env.ts';
import { loadPolicy } from './log-policy.ts';

/**
 * The published log, opened at its first use: most functions have no business with it, and are not
 * told where it is.
 */
const openPublished = (env: Env): Pick<LogAccess, 'objects' | 'policy'> => {
  const objects = loadOnce(async () => openObjectStore(env, 'OBJECTS'));
  return {
    objects: { get: async (key) => (await objects()).get(key) },
    policy: loadOnce(() => loadPolicy(env)),
  };
};

/** The published log with the index of it. */
export const openLog = (env: Env, call: AwsJsonCall): LogAccess => ({
  ...openPublished(env),
  index: {
    find: async (partition) => dynamoLogIndex(call, demand(env, 'INDEX_TABLE')).find(partition),
  },
});

/** The heads of the logs, to be read. */
export const openHeads = (env: Env, call: AwsJsonCall): Pick<LogHead, 'read'> => ({
  read: async (shard) => dynamoLogHead(call, demand(env, 'LOG_TABLE')).read(shard),
});

/** Notes what auditors read; the secret is read at the first such read, and by no other. */
const openNotes = (env: Env): NoteAccess => {
  const notes = loadOnce(async () => {
    const { slot: slotKey } = await loadSecretKeys(env);
    return noteAccess({
      journal: dynamoJournalStore(dynamoClient(env), env.JOURNAL_TABLE),
      settings: {
        layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
      },
      now: Date.now,
      random: (length) => randomBytes(length),
    });
  });
  return async (access) => {
    const note = await notes().catch((cause: unknown) => {
      const said = 'The exchange cannot reach its keys; nothing was shown.';
      throw new Problem('signer-unavailable', said, { retryAfter: 2 }, { cause });
    });
    return note(access);
  };
};

/**
 * What read-log stands on: it reads what is public, the registry for the tokens of auditors, and puts
 * on record what these read.
 */
export const loadLogReading = async (env: Env): Promise<LogReading> => ({
  settings: {
    origin: env.ESTELAM_ORIGIN,
    layout: { shards: env.JOURNAL_SHARDS },
    logEntries: env.LOG_ENTRIES,
  },
  directory: cachedDirectory(dynamoRegistryStore(dynamoClient(env), env.REGISTRY_TABLE), Date.now),
  log: openPublished(env),
  noteAccess: openNotes(env),
  meters: openMeters(env, dynamoClient(env)),
  now: Date.now,
});
