import type { receiverOf } from '#shared/inquiry/exchange.ts';
import type { DisclosureParts } from '#shared/oversight/facts/open-disclosure.ts';
import type { SearchParts } from '#shared/oversight/facts/run-subject-search.ts';
import { auditReading } from './audit-reading.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoSubjectIndex } from './dynamo/subject-index.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';
import { openObjectStore } from './objects/open-objects.ts';
import { openMeters } from './open-meters.ts';

/** What persons are searched for with, and facts opened. */
export type FactsReading = SearchParts & DisclosureParts & Parameters<typeof receiverOf>[0];

/** Puts that together from the environment. */
export const loadFactsReading = async (env: Env): Promise<FactsReading> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const reading = auditReading(env, keys);
  return {
    ...reading,
    settings: { ...reading.settings, vaultKey: keys.vault },
    derived: openObjectStore(env, 'DERIVED'),
    subjects: dynamoSubjectIndex(call, demand(env, 'SUBJECT_TABLE')),
    subjectKey: keys.subject,
    meters: openMeters(env, call),
  };
};
