import { feedIndex } from '#shared/audit/feed-index.ts';
import type { LogIndex } from '#shared/audit/log-index.ts';
import {
  checkEntries,
  type EntryChecking,
  type IndexDifference,
} from '#shared/oversight/feeding/check-entries.ts';
import type { EntryFeeding } from '#shared/oversight/feeding/feed-entries.ts';
import { reindexEntries } from '#shared/oversight/feeding/reindex-entries.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoLogIndex } from './dynamo/log-index.ts';
import { dynamoSubjectIndex } from './dynamo/subject-index.ts';
import { readEnv } from './env.ts';
import { loadEntryFeeding } from './log/entry-feeding.ts';
import { demand, shardsOf } from './log/log-env.ts';

/** What came of one log (shared/client/reindex-report.ts). */
type LogIndexed = {
  readonly shard: number;
  readonly size: number;
  readonly known: number;
  readonly unopened: number;
  readonly differences?: readonly IndexDifference[];
};

/** Is told how many leaves of a log are done. */
type Tell = (shard: number, done: number, size: number) => void;

/** Puts all places again, as if the index had none; it is told of them as of any others. */
const putPlaces = async (
  index: LogIndex,
  { objects, settings: { layout } }: EntryFeeding,
  shard: number,
): Promise<void> => {
  let at = 0;
  const again = {
    put: index.put,
    fed: () => Promise.resolve(at),
    advance: async (_: number, size: number) => {
      at = size;
      await index.advance(shard, size);
    },
  };
  const feed = feedIndex({ objects, index: again, layout }, shard);
  while ((await feed()).more);
};

const reindex = async (
  parts: EntryFeeding,
  places: LogIndex,
  shard: number,
  tell: Tell,
): Promise<LogIndexed> => {
  await putPlaces(places, parts, shard);
  let log: LogIndexed = { shard, size: 0, known: 0, unopened: 0 };
  for await (const { size, fed, unopened } of reindexEntries(parts, shard)) {
    log = { shard, size, known: fed, unopened: log.unopened + unopened };
    tell(shard, fed, size);
  }
  return log;
};

const check = async (parts: EntryChecking, shard: number, tell: Tell): Promise<LogIndexed> => {
  const differences: IndexDifference[] = [];
  let log: LogIndexed = { shard, size: 0, known: 0, unopened: 0 };
  for await (const step of checkEntries(parts, shard)) {
    const { size, known, checked } = step;
    log = { shard, size, known, unopened: log.unopened + step.unopened };
    differences.push(...step.differences);
    tell(shard, checked, known);
  }
  return { ...log, differences };
};

type Wanted = { readonly shard?: number; readonly check: boolean };

/**
 * Makes the indexes of an exchange again, of one of its logs or of all, or only compares them with the
 * logs. `variables` are the exchange's own environment; throws with the names of those that are not
 * right, and a RangeError for a log that it does not keep.
 */
export const reindexLogs = async (
  variables: Readonly<Record<string, string | undefined>>,
  { shard: only, check: isCheck }: Wanted,
  tell: Tell,
): Promise<{ readonly logs: readonly LogIndexed[] }> => {
  const env = readEnv(variables);
  const shards = shardsOf(env).filter((shard) => only === undefined || shard === only);
  if (shards.length === 0) {
    throw new RangeError(
      `There is no log ${only}: they are numbered from 0 on, ${env.JOURNAL_SHARDS} of them.`,
    );
  }
  const call = dynamoClient(env);
  const parts = await loadEntryFeeding(env);
  const places = dynamoLogIndex(call, demand(env, 'INDEX_TABLE'));
  const subjects = dynamoSubjectIndex(call, demand(env, 'SUBJECT_TABLE'));
  const logs: LogIndexed[] = [];
  for (const shard of shards) {
    const work = isCheck
      ? check({ ...parts, subjects }, shard, tell)
      : reindex(parts, places, shard, tell);
    logs.push(await work);
  }
  return { logs };
};
