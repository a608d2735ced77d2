import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, storeUnavailable } from './client.ts';
import { GetAnswer, type Item } from './item.ts';

/** What an item must meet that stands under the key; `values` as a condition expression names them. */
export type Condition = { readonly expression: string; readonly values?: Item };

export const nothingStands: Condition = { expression: 'attribute_not_exists(pk)' };

/**
 * Puts an item if the condition holds, durably once it resolves; else hands back what stands
 * instead, undefined when nothing does. A put that was tried again may meet itself.
 */
export const putIf =
  (call: AwsJsonCall, table: string) =>
  async (
    item: Item,
    { expression, values }: Condition,
  ): Promise<'written' | { readonly standing: Item | undefined }> => {
    try {
      await call('PutItem', {
        TableName: table,
        Item: item,
        ConditionExpression: expression,
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return 'written';
    } catch (error) {
      const failure = conditionFailure(error);
      if (failure === undefined) throw storeUnavailable(error);
      const standing = GetAnswer.safeParse(failure.body).data?.Item;
      // Not every store hands back what stands when a condition fails.
      return { standing: standing ?? (await getItem(call, table)(item)) };
    }
  };

/** Puts an item whatever stands, durably once it resolves: for what can only be put as itself. */
export const putItem =
  (call: AwsJsonCall, table: string) =>
  async (item: Item): Promise<void> => {
    try {
      await call('PutItem', { TableName: table, Item: item });
    } catch (error) {
      throw storeUnavailable(error);
    }
  };

/** Reads the item under a key, after every write that was acknowledged before. */
export const getItem =
  (call: AwsJsonCall, table: string) =>
  async ({ pk, sk }: Item): Promise<Item | undefined> => {
    try {
      const key = { TableName: table, Key: { pk, sk }, ConsistentRead: true };
      return GetAnswer.parse(await call('GetItem', key)).Item;
    } catch (error) {
      throw storeUnavailable(error);
    }
  };
