import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Env } from '#functions/runtime/env.ts';
import type { SampleItem } from './bare-put.ts';

const decoded = ({ B }: { readonly B: string }): { readonly B: Uint8Array } => ({
  B: Buffer.from(B, 'base64'),
});

/** The conditional PutItem of bare-put.ts through the AWS SDK, with its own settings. */
export const sdkPut = (env: Env): ((item: SampleItem) => Promise<unknown>) => {
  const client = new DynamoDBClient({
    endpoint: env.DYNAMODB_ENDPOINT ?? '',
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    },
  });
  return ({ r, d, ...rest }) =>
    client.send(
      new PutItemCommand({
        TableName: env.JOURNAL_TABLE,
        Item: { ...rest, r: decoded(r), d: decoded(d) },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
};
