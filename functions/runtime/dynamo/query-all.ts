import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { type Item, QueryAnswer } from './item.ts';

/** What a query with consistent reads finds, page after page: every item, or the first `Limit`. */
export const queryAll = async (
  call: AwsJsonCall,
  input: {
    readonly TableName: string;
    readonly KeyConditionExpression: string;
    readonly ExpressionAttributeValues: Item;
    readonly ScanIndexForward?: boolean;
    readonly Limit?: number;
  },
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  const most = input.Limit ?? Number.POSITIVE_INFINITY;
  let from: Item | undefined;
  try {
    do {
      const page = { ...input, ConsistentRead: true, ExclusiveStartKey: from };
      const { Items, LastEvaluatedKey } = QueryAnswer.parse(await call('Query', page));
      found.push(...Items);
      from = LastEvaluatedKey;
    } while (from !== undefined && found.length < most);
    return found.slice(0, most);
  } catch (error) {
    throw storeUnavailable(error);
  }
};
