import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  type BucketName,
  bucketNames,
  type Grant,
  type LogFunctionName,
  objectActions,
  type TableName,
  tableNames,
} from '../grants.ts';

type Ledger = {
  readonly key: { readonly keyArn: string };
  readonly tables: Readonly<Record<TableName, { readonly tableArn: string }>>;
  readonly bucketExports: Readonly<Record<BucketName, { readonly arn: string }>>;
  readonly logKeys: readonly { readonly keyArn: string }[];
  readonly secretArn: string;
};

/** What a function that is granted to invoke others may find them in. */
export type Invokable = Readonly<Partial<Record<LogFunctionName, IFunction>>>;

const statement = (actions: readonly string[], resources: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [...resources] });

const tableStatements = ({ tables }: Grant, ledger: Ledger): readonly PolicyStatement[] =>
  tableNames.flatMap((name) => {
    const actions = tables[name]?.map((action) => `dynamodb:${action}`);
    return actions === undefined ? [] : [statement(actions, [ledger.tables[name].tableArn])];
  });

/**
 * Whoever gets objects may list the bucket too: without that, S3 answers 403 and not 404 where there is
 * no object, and a get has no prefix that a condition could hold to.
 */
const bucketStatements = ({ buckets }: Grant, ledger: Ledger): readonly PolicyStatement[] =>
  bucketNames.flatMap((name) => {
    const { arn } = ledger.bucketExports[name];
    const granted = objectActions.flatMap((action) => {
      const keys = buckets?.[name]?.[action]?.map((pattern) => `${arn}/${pattern}`);
      return keys === undefined ? [] : [statement([`s3:${action}`], keys)];
    });
    return granted.length === 0 ? [] : [...granted, statement(['s3:ListBucket'], [arn])];
  });

/** Whether anything that the ledger's key seals is written, and through which services it is used. */
const useOfKey = ({ tables, buckets = {}, secret }: Grant) => {
  const onTables = tableNames.flatMap((name) => tables[name] ?? []);
  const onObjects = bucketNames.flatMap((name) => Object.keys(buckets[name] ?? {}));
  return {
    writes:
      onTables.includes('PutItem') ||
      onTables.includes('UpdateItem') ||
      onTables.includes('DeleteItem') ||
      onObjects.includes('PutObject'),
    services: [
      ...(onTables.length > 0 ? ['dynamodb'] : []),
      ...(onObjects.length > 0 ? ['s3'] : []),
      ...(secret ? ['secretsmanager'] : []),
    ],
  };
};

/** DynamoDB, S3 and Secrets Manager use the customer's key in the name of whoever calls them. */
const keyStatement = (grant: Grant, ledger: Ledger, region: string): PolicyStatement => {
  const { writes, services } = useOfKey(grant);
  return new PolicyStatement({
    actions: [
      'kms:Decrypt',
      'kms:DescribeKey',
      ...(writes ? ['kms:Encrypt', 'kms:GenerateDataKey'] : []),
    ],
    resources: [ledger.key.keyArn],
    conditions: {
      StringEquals: {
        'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`),
      },
    },
  });
};

/** What a grant says, on the ledger's own resources and through their services only. */
export const statementsFor = (
  grant: Grant,
  ledger: Ledger,
  invokable: Invokable,
  stack: Stack,
): readonly PolicyStatement[] => {
  const { logKeys = [], invokes = [], secret } = grant;
  const invoked = invokes.map((name) => {
    const fn = invokable[name];
    if (fn === undefined) throw new Error(`${name} is to be deployed before who invokes it`);
    return fn.functionArn;
  });
  return [
    ...tableStatements(grant, ledger),
    ...bucketStatements(grant, ledger),
    ...(logKeys.length === 0
      ? []
      : [
          statement(
            logKeys.map((action) => `kms:${action}`),
            ledger.logKeys.map(({ keyArn }) => keyArn),
          ),
        ]),
    ...(invoked.length === 0 ? [] : [statement(['lambda:InvokeFunction'], invoked)]),
    ...(secret ? [statement(['secretsmanager:GetSecretValue'], [ledger.secretArn])] : []),
    keyStatement(grant, ledger, stack.region),
  ];
};
