import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { bucketsPerPeriod } from '#shared/audit/address.ts';
import { inChunks } from '#shared/kernel/in-chunks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, dynamoClient } from './client.ts';
import { type Item, number, QueryAnswer, readText } from './item.ts';
import { dynamoLogHead } from './log-head.ts';

const Tables = z.object({ TableNames: z.array(z.string()) });

/** Items that are removed at once. */
const atOnce = 16;

/** Removes what stood until a second or before; what was put anew meanwhile stays. */
const removeExpired =
  (call: AwsJsonCall, table: string, second: number) =>
  async (key: Item): Promise<number> => {
    try {
      await call('DeleteItem', {
        TableName: table,
        Key: key,
        ConditionExpression: 'x <= :now',
        ExpressionAttributeValues: { ':now': number(second) },
      });
      return 1;
    } catch (error) {
      if (conditionFailure(error) !== undefined) return 0;
      throw error;
    }
  };

/** The tables of the journal and of the heads of the logs. */
type LogTables = { readonly journal: string; readonly log: string };

/** By log the first bucket of the journal that it has not looked at for the last time. */
const looksOf = async (call: AwsJsonCall, table: string): Promise<readonly number[]> => {
  const { read } = dynamoLogHead(call, table);
  const looks: number[] = [];
  for (let head = await read(0); head !== undefined; head = await read(looks.length)) {
    looks.push(head.again[1]);
  }
  return looks;
};

/**
 * Whether a log is done with an item of the journal: a machine may have been off for longer than the
 * item was to stay, and then its log has yet to take it.
 */
const isTaken =
  (looks: readonly number[]) =>
  (key: Item): boolean => {
    const [kind, shard, bucket] = readText(key, 'pk').split('#');
    if (kind === 'J') return Number(bucket) < (looks[Number(shard)] ?? 0);
    if (kind !== 'P') return true;
    const end = (Number(readText(key, 'sk')) + 1) * bucketsPerPeriod;
    return looks.length > 0 && looks.every((look) => end <= look);
  };

type Swept = {
  readonly table: string;
  readonly second: number;
  /** Whether an item may go that is expired. */
  readonly mayGo: (key: Item) => boolean;
};

const sweepTable = async (call: AwsJsonCall, { table, second, mayGo }: Swept): Promise<number> => {
  const remove = removeExpired(call, table, second);
  let removed = 0;
  let from: Item | undefined;
  do {
    const begun = performance.now();
    const answer = await call('Scan', {
      TableName: table,
      FilterExpression: 'x <= :now',
      ExpressionAttributeValues: { ':now': number(second) },
      ProjectionExpression: 'pk, sk',
      ExclusiveStartKey: from,
    });
    const { Items, LastEvaluatedKey } = QueryAnswer.parse(answer);
    const gone = await inChunks(atOnce, Items.filter(mayGo), remove);
    removed += gone.reduce((sum, one) => sum + one, 0);
    from = LastEvaluatedKey;
    // Half of the time is for those who ask.
    if (from !== undefined) await wait(performance.now() - begun);
  } while (from !== undefined);
  return removed;
};

/**
 * Removes from all tables of a store of one's own what stood until now or before (`x`, in seconds), as
 * DynamoDB does by itself and the embedded store does not: keys of held answers above all, whose time to
 * live is all that ends what they open. What the log has not taken from the journal stays. Resolves to
 * how many items went.
 */
export const sweepStore = async (
  endpoint: string,
  now: number,
  { journal, log }: LogTables,
): Promise<number> => {
  const call = dynamoClient({
    DYNAMODB_ENDPOINT: endpoint,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    LOG_LEVEL: 'WARN',
  });
  const { TableNames } = Tables.parse(await call('ListTables', {}));
  const looks = TableNames.includes(log) ? await looksOf(call, log) : [];
  let removed = 0;
  for (const table of TableNames) {
    const mayGo = table === journal ? isTaken(looks) : () => true;
    removed += await sweepTable(call, { table, second: Math.floor(now / 1000), mayGo });
  }
  return removed;
};
