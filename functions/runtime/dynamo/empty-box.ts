import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, storeUnavailable } from './client.ts';
import { binary, type Item } from './item.ts';

/** A length of zero: no sealed text is that short. */
const nothing = binary(new Uint8Array());

/**
 * Empties what an item holds sealed (`d`), and sets what else is named, durably once it resolves; where
 * no item stands none is made, and where none held anything nothing is set. DynamoDB takes an empty binary for every attribute but a key's.
 */
export const emptyBox =
  (call: AwsJsonCall, table: string) =>
  async (key: Item, others: Item = {}): Promise<void> => {
    const set = Object.entries({ d: nothing, ...others });
    try {
      await call('UpdateItem', {
        TableName: table,
        Key: key,
        UpdateExpression: `SET ${set.map(([name]) => `${name} = :${name}`).join(', ')}`,
        ConditionExpression: 'attribute_exists(d)',
        ExpressionAttributeValues: Object.fromEntries(
          set.map(([name, value]) => [`:${name}`, value]),
        ),
      });
    } catch (error) {
      if (conditionFailure(error) === undefined) throw storeUnavailable(error);
    }
  };
