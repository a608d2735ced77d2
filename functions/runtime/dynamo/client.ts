import { Problem } from '#shared/kernel/problem.ts';
import { AwsError } from '../aws-http.ts';
import { type AwsJsonCall, awsJsonClient } from '../aws-json.ts';
import type { AwsEnv } from '../env.ts';

/** The store these settings name: an endpoint of its own, else the region's DynamoDB. */
export const dynamoClient = (env: AwsEnv): AwsJsonCall =>
  awsJsonClient({
    service: 'dynamodb',
    target: 'DynamoDB_20120810',
    contentType: 'application/x-amz-json-1.0',
    endpoint:
      env.DYNAMODB_ENDPOINT ??
      env.AWS_ENDPOINT_URL ??
      `https://dynamodb.${env.AWS_REGION}.amazonaws.com`,
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
    },
  });

/** Turns any failure of a store call into the problem that callers may see. */
export const storeUnavailable = (cause: unknown): Problem =>
  cause instanceof Problem
    ? cause
    : new Problem(
        'store-unavailable',
        'Nothing was sent on; try again shortly.',
        { retryAfter: 2 },
        { cause },
      );

/** The document of a failed condition; undefined when the failure is another one. */
export const conditionFailure = (error: unknown): { readonly body: unknown } | undefined =>
  error instanceof AwsError && error.code === 'ConditionalCheckFailedException'
    ? { body: error.body }
    : undefined;
