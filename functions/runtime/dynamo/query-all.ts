import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { type Item, QueryAnswer } from './item.ts';

/** Every item that a query with consistent reads finds, page after page. */
export const queryAll = async (
  call: AwsJsonCall,
  input: {
    readonly TableName: string;
    readonly KeyConditionExpression: string;
    readonly ExpressionAttributeValues: Item;
  },
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let from: Item | undefined;
  try {
    do {
      const page = { ...input, ConsistentRead: true, ExclusiveStartKey: from };
      const { Items, LastEvaluatedKey } = QueryAnswer.parse(await call('Query', page));
      found.push(...Items);
      from = LastEvaluatedKey;
    } while (from !== undefined);
    return found;
  } catch (error) {
    throw storeUnavailable(error);
  }
};
