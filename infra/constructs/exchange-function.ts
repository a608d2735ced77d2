import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../shared/api/routes.ts';
import type { Settings } from '../config.ts';
import { bundling, entryOf, projectRoot } from './bundling.ts';

type ExchangeFunctionProps = {
  readonly name: FunctionName;
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string>>;
};

/** API Gateway gives up at 30 s; the function must have answered, or written why not, before that. */
const timeouts: Partial<Record<FunctionName, Duration>> = {
  'submit-inquiry': Duration.seconds(29),
};

/** A share of a processor comes with memory; verifying and signing is what the hot function does. */
const megabytes: Partial<Record<FunctionName, number>> = { 'submit-inquiry': 1024 };

/** One folder of `functions/` as a Lambda, with a role that can write its own log and nothing else. */
export class ExchangeFunction extends NodejsFunction {
  constructor(
    scope: Construct,
    id: string,
    { name, settings, environment }: ExchangeFunctionProps,
  ) {
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${Stack.of(scope).stackName}: ${name}`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    super(scope, id, {
      description: `Estelam ${settings.environment}: ${name}`,
      entry: entryOf(name),
      handler: 'handler',
      projectRoot,
      depsLockFilePath: `${projectRoot}package-lock.json`,
      bundling,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: megabytes[name] ?? 512,
      timeout: timeouts[name] ?? Duration.seconds(10),
      tracing: Tracing.DISABLED,
      awsSdkConnectionReuse: false,
      role,
      logGroup,
      environment: { ...environment },
    });
  }
}
