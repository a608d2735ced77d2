import { randomBytes } from 'node:crypto';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { storedSegments } from '#shared/audit/index/segment-source.ts';
import type { receiverOf } from '#shared/inquiry/exchange.ts';
import type { ListingParts } from '#shared/oversight/entries/list-entries.ts';
import { vaultedFacts } from '#shared/oversight/entries/vaulted-facts.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { QuestionParts } from '#shared/oversight/questions/ask-question.ts';
import type { RecordParts } from '#shared/oversight/read-on-record.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoIndexMarks } from './dynamo/index-marks.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoLogIndex } from './dynamo/log-index.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys, type SecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';
import { openObjectStore } from './objects/open-objects.ts';
import { openMeters } from './open-meters.ts';

/** What reads of entries stand on. */
export type AuditReading = ListingParts &
  RecordParts &
  Pick<QuestionParts, 'confidentialBases'> &
  Parameters<typeof receiverOf>[0];

/** Objects of the index that a process keeps: some 200 KB each, unpacked. */
const kept = { segments: 192, summaries: 24 } as const;

/** Puts together what entries are read with, from its environment and its keys. */
export const auditReading = (env: Env, keys: SecretKeys): AuditReading => {
  const call = dynamoClient(env);
  const { slot: slotKey, vault: vaultKey, subject: subjectKey, cursor } = keys;
  const journal = dynamoJournalStore(call, env.JOURNAL_TABLE);
  const layout = { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS };
  const recording = {
    journal,
    settings: { layout },
    now: Date.now,
    random: (length: number): Uint8Array => randomBytes(length),
  };
  return {
    ...recording,
    settings: { origin: env.ESTELAM_ORIGIN, layout },
    directory: cachedDirectory(dynamoRegistryStore(call, env.REGISTRY_TABLE), Date.now),
    index: openedIndex(storedSegments(openObjectStore(env, 'DERIVED')), kept, Date.now),
    marks: dynamoIndexMarks(call, demand(env, 'INDEX_TABLE')),
    shards: env.JOURNAL_SHARDS,
    places: dynamoLogIndex(call, demand(env, 'INDEX_TABLE')),
    objects: openObjectStore(env, 'OBJECTS'),
    vaulted: vaultedFacts({ vaultKey, subjectKey }),
    cursorKey: cursor,
    confidentialBases: env.CONFIDENTIAL_BASES,
    meters: openMeters(env, call),
    noteAccess: noteAccess(recording),
  };
};

export const loadAuditReading = async (env: Env): Promise<AuditReading> =>
  auditReading(env, await loadSecretKeys(env));
