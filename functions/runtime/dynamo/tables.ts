import { AwsError } from '../aws-http.ts';
import type { AwsJsonCall } from '../aws-json.ts';

/** Both tables have the same key; in AWS they are made by `infra/ledger-stack.ts`. */
const definition = (table: string): object => ({
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
});

const unlessDone = async (work: Promise<unknown>, codes: readonly string[]): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AwsError) || !codes.includes(error.code)) throw error;
  }
};

/** Makes a table where there is none; `x` holds the seconds since 1970 at which a row may go. */
export const ensureTable = async (call: AwsJsonCall, table: string): Promise<void> => {
  await unlessDone(call('CreateTable', definition(table)), ['ResourceInUseException']);
  const ttl = { Enabled: true, AttributeName: 'x' };
  await unlessDone(call('UpdateTimeToLive', { TableName: table, TimeToLiveSpecification: ttl }), [
    'ValidationException',
  ]);
};
