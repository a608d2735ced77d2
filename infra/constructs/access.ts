import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../../shared/api/routes.ts';
import { grants, type TableAction } from '../grants.ts';

type Ledger = {
  readonly key: { readonly keyArn: string };
  readonly journal: { readonly tableArn: string };
  readonly registry: { readonly tableArn: string };
  readonly secretArn: string;
};

/** DynamoDB and Secrets Manager use the customer's key in the name of whoever calls them. */
const keyActions = (actions: readonly TableAction[]): string[] => [
  'kms:Decrypt',
  'kms:DescribeKey',
  ...(actions.includes('PutItem') ? ['kms:Encrypt', 'kms:GenerateDataKey'] : []),
];

/** Gives a function what `grants` says, on the ledger's own resources and through their services only. */
export const allow = (fn: IFunction, name: FunctionName, ledger: Ledger): void => {
  for (const table of ['journal', 'registry'] as const) {
    const actions = grants[name][table];
    if (actions.length === 0) continue;
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [ledger[table].tableArn],
      }),
    );
  }
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [ledger.secretArn],
    }),
  );
  const { region } = Stack.of(fn);
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: keyActions([...grants[name].journal, ...grants[name].registry]),
      resources: [ledger.key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': ['dynamodb', 'secretsmanager'].map(
            (service) => `${service}.${region}.amazonaws.com`,
          ),
        },
      },
    }),
  );
};
