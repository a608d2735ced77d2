import { randomBytes, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import aws4 from 'aws4';
import type { Env } from '#functions/runtime/env.ts';

/** The bytes of a typical row: record and vault of an intent. */
const recordSize = 560;
const vaultSize = 300;

/** An item like an intent of the journal, under a key of its own. */
export const sampleItem = () =>
  ({
    pk: { S: `J#0#${Math.floor(Date.now() / 10_000)}#${Math.floor(Math.random() * 16)}` },
    sk: { S: `${randomUUID()}#i` },
    r: { B: randomBytes(recordSize).toString('base64') },
    d: { B: randomBytes(vaultSize).toString('base64') },
    x: { N: '1800000000' },
  }) as const;

export type SampleItem = ReturnType<typeof sampleItem>;

type Settings = Pick<
  Env,
  | 'DYNAMODB_ENDPOINT'
  | 'JOURNAL_TABLE'
  | 'AWS_REGION'
  | 'AWS_ACCESS_KEY_ID'
  | 'AWS_SECRET_ACCESS_KEY'
>;

/** A conditional PutItem with nothing around it: SigV4, a kept connection, the answer parsed. */
export const barePut = (env: Settings): ((item: SampleItem) => Promise<unknown>) => {
  const { host } = new URL(env.DYNAMODB_ENDPOINT ?? '');
  const [hostname, port] = host.split(':');
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
  };
  return (item) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({
        TableName: env.JOURNAL_TABLE,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const headers = {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': 'DynamoDB_20120810.PutItem',
      };
      const signed = aws4.sign(
        {
          service: 'dynamodb',
          region: env.AWS_REGION,
          method: 'POST',
          path: '/',
          host,
          body,
          headers,
        },
        credentials,
      );
      const options = {
        agent,
        hostname,
        port,
        method: 'POST',
        path: '/',
        headers: { ...signed.headers },
      };
      const call = request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const said: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          if (answer.statusCode === 200) resolve(said);
          else reject(new Error(`The store said ${answer.statusCode}.`));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
};
