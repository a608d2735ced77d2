/** Buckets of S3-compatible stores for the contract suites. */
import aws4 from 'aws4';
import { describe, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import type { S3Settings } from '#functions/runtime/objects/s3-object-store.ts';

/** A new bucket in the store, and how to reach it. */
export type NewBucket = () => Promise<S3Settings>;

type Suite = (storeName: string, newBucket: NewBucket) => void;

const create = async ({ bucket, endpoint = '', region, credentials }: S3Settings) => {
  const body = `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const path = `/${bucket}`;
  const { headers } = aws4.sign(
    { service: 's3', region, method: 'PUT', path, host: new URL(endpoint).host, body },
    { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  );
  const answer = await fetch(endpoint + path, {
    method: 'PUT',
    headers: Object.entries(headers ?? {}).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    body,
  });
  if (!answer.ok) throw new Error(`The bucket cannot be made: ${await answer.text()}`);
};

const bucketsAt =
  (endpoint: string): NewBucket =>
  async () => {
    const env = readEnv({
      ...process.env,
      ESTELAM_ORIGIN: 'https://exchange.example',
      ESTELAM_SECRET_FILE: 'unused',
      JOURNAL_TABLE: 'unused',
      REGISTRY_TABLE: 'unused',
    });
    const settings = {
      bucket: `contract-${crypto.randomUUID()}`,
      endpoint,
      region: env.AWS_REGION,
      credentials: {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
        sessionToken: env.AWS_SESSION_TOKEN,
      },
    };
    await create(settings);
    return settings;
  };

/** Runs a suite against the store that the environment names. */
export const onNamedS3 = (suite: Suite): void => {
  const name = 'the store of ESTELAM_TEST_S3_ENDPOINT';
  const endpoint = process.env['ESTELAM_TEST_S3_ENDPOINT'];
  if (endpoint !== undefined) {
    suite(name, bucketsAt(endpoint));
    return;
  }
  describe(`over ${name}`, () => {
    it('keeps the contract', ({ skip }) => {
      skip('ESTELAM_TEST_S3_ENDPOINT names no store');
    });
  });
};
