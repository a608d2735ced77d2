import { randomBytes } from 'node:crypto';
import type { PersonReceiver } from '#shared/api/authorize-person.ts';
import type { receiverOf } from '#shared/inquiry/exchange.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { RecordParts } from '#shared/oversight/read-on-record.ts';
import { coverageReader } from '#shared/oversight/subject/coverage.ts';
import type { DisputeParts } from '#shared/oversight/subject/dispute-access.ts';
import type { PersonMeters } from '#shared/oversight/subject/person-limits.ts';
import type { AccessReading } from '#shared/oversight/subject/read-accesses.ts';
import { cachedNames } from '#shared/registry/cached-names.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoDisputeStore } from './dynamo/dispute-store.ts';
import { dynamoIndexMarks } from './dynamo/index-marks.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import { dynamoSubjectIndex } from './dynamo/subject-index.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';
import { openObjectStore } from './objects/open-objects.ts';
import { openPersons } from './oidc/open-persons.ts';
import { openMeters } from './open-meters.ts';

/** What persons read and dispute with, and those who read what they dispute. */
export type SubjectReading = AccessReading &
  DisputeParts &
  RecordParts &
  PersonMeters &
  Parameters<typeof receiverOf>[0] & {
    /** undefined where no provider is connected. */
    readonly persons: PersonReceiver | undefined;
  };

const random = (length: number): Uint8Array => randomBytes(length);

/** Puts that together from the environment. */
export const loadSubjectReading = async (env: Env): Promise<SubjectReading> => {
  const call = dynamoClient(env);
  const { slot: slotKey, subject: tagKey, cursor } = await loadSecretKeys(env);
  const now = Date.now;
  const journal = dynamoJournalStore(call, env.JOURNAL_TABLE);
  const layout = { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS };
  const registry = dynamoRegistryStore(call, env.REGISTRY_TABLE);
  const objects = openObjectStore(env, 'OBJECTS');
  const subjects = dynamoSubjectIndex(call, demand(env, 'SUBJECT_TABLE'));
  const marks = dynamoIndexMarks(call, demand(env, 'INDEX_TABLE'));
  return {
    settings: { origin: env.ESTELAM_ORIGIN },
    persons: openPersons(env),
    directory: cachedDirectory(registry, now),
    names: cachedNames(registry, now),
    own: { subjects, tagKey, objects, bases: env.CONFIDENTIAL_BASES, now },
    coverage: coverageReader({
      objects,
      marks,
      shards: env.JOURNAL_SHARDS,
      retention: env.RETENTION_DAYS * 86_400_000,
      now,
    }),
    disputes: dynamoDisputeStore(call, demand(env, 'INDEX_TABLE')),
    recording: { journal, layout, now, random },
    provinceThen: provinceThen(registry),
    sealing: { key: cursor, random },
    meters: openMeters(env, call),
    noteAccess: noteAccess({ journal, settings: { layout }, now, random }),
    tagKey,
    now,
  };
};
