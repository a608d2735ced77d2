import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { inChunks } from '#shared/kernel/in-chunks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, dynamoClient } from './client.ts';
import { type Item, number, QueryAnswer } from './item.ts';

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

const sweepTable = async (call: AwsJsonCall, table: string, second: number): Promise<number> => {
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
    const gone = await inChunks(atOnce, Items, remove);
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
 * live is all that ends what they open. Resolves to how many items went.
 */
export const sweepStore = async (endpoint: string, now: number): Promise<number> => {
  const call = dynamoClient({
    DYNAMODB_ENDPOINT: endpoint,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    LOG_LEVEL: 'WARN',
  });
  const { TableNames } = Tables.parse(await call('ListTables', {}));
  let removed = 0;
  for (const table of TableNames) {
    removed += await sweepTable(call, table, Math.floor(now / 1000));
  }
  return removed;
};
