import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { storedSegments } from '#shared/audit/index/segment-source.ts';
import type { ObjectStore } from '#shared/audit/ports.ts';
import { publishDays } from '#shared/oversight/open-data/publish-days.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoIndexMarks } from './dynamo/index-marks.ts';
import type { Env } from './env.ts';
import type { InvokedHandler } from './log/invoked.ts';
import { demand } from './log/log-env.ts';
import type { LogProcess } from './log/scheduled.ts';
import { openObjectStore } from './objects/open-objects.ts';

/** What the statistics for the public are read from. */
export type OpenDataReading = { readonly statistics: Pick<ObjectStore, 'get'> };

export const loadOpenDataReading = async (env: Env): Promise<OpenDataReading> => ({
  statistics: openObjectStore(env, 'DERIVED'),
});

/** A day is walked over once: hardly an object of the index is asked for twice. */
const kept = { segments: 2, summaries: 4 } as const;

/** Publishes the days whose time has come. */
export const loadOpenDataPublishing = async ({
  env,
  now,
  observe,
}: LogProcess): Promise<InvokedHandler> => {
  const derived = openObjectStore(env, 'DERIVED');
  const parts = {
    index: openedIndex(storedSegments(derived), kept, now),
    marks: dynamoIndexMarks(dynamoClient(env), demand(env, 'INDEX_TABLE')),
    shards: env.JOURNAL_SHARDS,
    objects: derived,
    now,
  };
  return async () => {
    const days = await publishDays(parts);
    const last = days.at(-1);
    if (last !== undefined) observe.event('open-data', { days: days.length, last });
    return { days: days.length };
  };
};
