import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { LedgerTable } from './constructs/ledger-table.ts';
import { NodeFunction } from './constructs/node-function.ts';
import { NoteKey } from './constructs/note-key.ts';
import { PublicStage } from './constructs/public-stage.ts';
import type { WitnessSettings } from './witness-config.ts';

/**
 * A witness of logs (C2SP tlog-witness): for an account that whoever operates the exchange has no say
 * in. What it remembers and its key outlive the stack.
 *
 * It stands behind an HTTP API and not a function URL, because the API is throttled as a whole, takes
 * two routes and no other, and can be moved to a domain of the witness's own, which is what logs and
 * their policies should name.
 */
export class WitnessStack extends Stack {
  constructor(scope: Construct, id: string, settings: WitnessSettings, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { witnessName, witnessLogs, environment, logRetentionDays } = settings;

    const tableKey = new Key(this, 'Key', {
      description: `Estelam witness ${witnessName}: its table`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const table = new LedgerTable(this, 'Trees', { key: tableKey });
    const role = new Role(this, 'SignerRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${this.stackName}: the only one that cosigns`,
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const noteKey = new NoteKey(this, 'NoteKey', {
      description: `Estelam witness: cosigns as ${witnessName}`,
      signer: role,
    });

    const fn = new NodeFunction(this, 'Witness', {
      name: 'witness',
      part: `Estelam ${environment}`,
      logRetentionDays,
      environment: {
        WITNESS_NAME: witnessName,
        WITNESS_LOGS: witnessLogs,
        WITNESS_TABLE: table.tableName,
        NOTE_KEY_ARN: noteKey.keyArn,
        LOG_LEVEL: settings.logLevel,
      },
      role,
      may: [
        new PolicyStatement({
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [table.tableArn],
        }),
        new PolicyStatement({
          actions: ['kms:Sign', 'kms:GetPublicKey'],
          resources: [noteKey.keyArn],
        }),
        new PolicyStatement({
          actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
          resources: [tableKey.keyArn],
          conditions: {
            StringEquals: { 'kms:ViaService': [`dynamodb.${this.region}.amazonaws.com`] },
          },
        }),
      ],
    });

    const api = new HttpApi(this, 'Http', { apiName: id, createDefaultStage: false });
    const integration = new HttpLambdaIntegration('witness', fn);
    api.addRoutes({ path: '/', methods: [HttpMethod.GET], integration });
    api.addRoutes({ path: '/add-checkpoint', methods: [HttpMethod.POST], integration });
    new PublicStage(this, 'Public', {
      ...settings,
      api,
      logName: `witness-${environment}/access`,
      proof: 'A checkpoint proves itself by the signature of its log, which the function verifies.',
    });

    new CfnOutput(this, 'WitnessApiId', { value: api.apiId });
    new CfnOutput(this, 'WitnessUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'NoteKeyArn', { value: noteKey.keyArn });
  }
}
