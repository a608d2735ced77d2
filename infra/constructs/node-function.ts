import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { bundling, entryOf, projectRoot } from './bundling.ts';

type NodeFunctionProps = {
  /** Its folder in `functions/`. */
  readonly name: string;
  /** What it is a part of. */
  readonly part: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logRetentionDays: RetentionDays;
  readonly megabytes?: number | undefined;
  readonly seconds?: number | undefined;
  /** How many of it may run at once, and are kept free for it; as many as there is room for if absent. */
  readonly reserved?: number | undefined;
  /** All that it may do but write its own log. */
  readonly may: readonly PolicyStatement[];
  /** Who it is, when that outlives the function. */
  readonly role?: IRole | undefined;
};

/**
 * One folder of `functions/` as a Lambda. An event that it is given without waiting for the answer is
 * not given to it again: all such events come from a clock, and the next is on its way.
 */
export class NodeFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { name, part, environment, logRetentionDays, megabytes, seconds, reserved, may } = props;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role =
      props.role ??
      new Role(scope, `${id}Role`, {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: `${Stack.of(scope).stackName}: ${name}`,
      });
    const writeLog = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    // A policy of this stack, whichever stack the role is of.
    const policy = new Policy(scope, `${id}Policy`, {
      roles: [role],
      statements: [writeLog, ...may],
    });
    super(scope, id, {
      description: `${part}: ${name}`,
      entry: entryOf(name),
      handler: 'handler',
      projectRoot,
      depsLockFilePath: `${projectRoot}package-lock.json`,
      bundling,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: megabytes ?? 512,
      timeout: Duration.seconds(seconds ?? 10),
      tracing: Tracing.DISABLED,
      awsSdkConnectionReuse: false,
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
      role,
      logGroup,
      environment: { ...environment },
      ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
    });
    this.node.addDependency(policy);
  }
}
