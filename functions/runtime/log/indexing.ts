import { feedIndex } from '#shared/audit/feed-index.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoLogIndex } from '../dynamo/log-index.ts';
import { loadSecretKeys } from '../keys/secret.ts';
import { openObjectStore } from '../objects/open-objects.ts';
import { demand, shardsOf } from './log-env.ts';
import type { LogProcess, Work } from './scheduled.ts';

/** Milliseconds between looks at the published checkpoint. */
const pace = 1000;

/** Feeds the index of all shards. */
export const loadIndexing = async ({ env, observe }: LogProcess): Promise<Work> => {
  const index = dynamoLogIndex(dynamoClient(env), demand(env, 'INDEX_TABLE'));
  const objects = openObjectStore(env, 'OBJECTS');
  const { slot: slotKey } = await loadSecretKeys(env);
  const layout = { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS };
  const tasks = shardsOf(env).map((shard) => {
    const feed = feedIndex({ objects, index, layout }, shard);
    return {
      shard,
      step: async (first: boolean) => {
        const { size, fed, more } = await feed();
        if (first) observe.metric('IndexLag', Math.max(0, size - fed), { shard: String(shard) });
        return { more };
      },
    };
  });
  return { pace, tasks };
};
