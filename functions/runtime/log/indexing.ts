import { feedIndex } from '#shared/audit/feed-index.ts';
import { type EntryFeeding, feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoLogIndex } from '../dynamo/log-index.ts';
import { loadEntryFeeding } from './entry-feeding.ts';
import { demand, shardsOf } from './log-env.ts';
import type { Task } from './paced.ts';
import type { LogProcess, Work } from './scheduled.ts';

/** Milliseconds between looks at the published checkpoint. */
const pace = 1000;

type Telling = Pick<LogProcess, 'observe'>;

const tellLag = (
  { observe }: Telling,
  index: 'places' | 'entries',
  shard: number,
  { size, fed }: { readonly size: number; readonly fed: number },
): void => observe.metric('IndexLag', Math.max(0, size - fed), { shard: String(shard), index });

/** Where the entries of each partition are in the log: what proofs are found by. */
const placesTask = (
  given: LogProcess,
  { objects, settings: { layout } }: EntryFeeding,
  shard: number,
): Task => {
  const index = dynamoLogIndex(dynamoClient(given.env), demand(given.env, 'INDEX_TABLE'));
  const feed = feedIndex({ objects, index, layout }, shard);
  return {
    shard,
    step: async (first) => {
      const fed = await feed();
      if (first) tellLag(given, 'places', shard, fed);
      return { more: fed.more };
    },
  };
};

/** What is known of the entries: what auditors search. */
const entriesTask = (given: LogProcess, parts: EntryFeeding, shard: number): Task => {
  const { observe } = given;
  const feed = feedEntries(parts, shard);
  return {
    shard,
    step: async (first) => {
      const fed = await feed();
      if (first) tellLag(given, 'entries', shard, fed);
      if (fed.unopened > 0) {
        observe.metric('IndexUnopened', fed.unopened, { shard: String(shard) });
        observe.event('index-unopened', { shard, unopened: fed.unopened, fed: fed.fed });
      }
      if (fed.broken) {
        observe.metric('IndexDiffers', 1, { shard: String(shard) });
        observe.event('index-broken', { shard, fed: fed.fed });
      }
      return { more: fed.more };
    },
  };
};

/** Feeds the indexes of all shards, side by side: neither waits for the other. */
export const loadIndexing = async (given: LogProcess): Promise<Work> => {
  const parts = await loadEntryFeeding(given.env);
  const tasks = shardsOf(given.env).flatMap((shard) => [
    placesTask(given, parts, shard),
    entriesTask(given, parts, shard),
  ]);
  return { pace, tasks };
};
