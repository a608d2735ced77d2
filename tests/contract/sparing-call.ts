import * as z from 'zod';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { Item } from '#functions/runtime/dynamo/item.ts';

/** A client of a store that answers only so many of the keys of a batch. */
export const sparingCall =
  (call: AwsJsonCall, atOnce: number): AwsJsonCall =>
  async (operation, input) => {
    if (operation !== 'BatchGetItem') return call(operation, input);
    const Batch = z.record(
      z.string(),
      z.object({ Keys: z.array(Item), ConsistentRead: z.boolean() }),
    );
    const { RequestItems } = z.object({ RequestItems: Batch }).parse(input);
    const [[table, { Keys, ConsistentRead }] = ['', { Keys: [], ConsistentRead: false }]] =
      Object.entries(RequestItems);
    const kept = { [table]: { Keys: Keys.slice(0, atOnce), ConsistentRead } };
    const answer = z
      .object({ Responses: z.json() })
      .parse(await call(operation, { RequestItems: kept }));
    const left = Keys.slice(atOnce);
    return {
      ...answer,
      UnprocessedKeys: left.length > 0 ? { [table]: { Keys: left, ConsistentRead } } : {},
    };
  };
