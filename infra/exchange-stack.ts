import { type Acknowledgment, CfnOutput, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Settings } from './config.ts';
import { type Invokable, statementsFor } from './constructs/access.ts';
import { constructId } from './constructs/construct-id.ts';
import { ExchangeApi } from './constructs/exchange-api.ts';
import { NodeFunction } from './constructs/node-function.ts';
import { startEvery } from './constructs/schedule.ts';
import { environmentOf } from './environment.ts';
import { bucketNames, type ExchangeFunctionName, type Grant, grantOf, grants } from './grants.ts';
import type { LedgerStack } from './ledger-stack.ts';
import { watchLog } from './log-alarms.ts';
import { watch } from './observability.ts';
import { watchReaders } from './reader-alarms.ts';
import { scheduled, schedules, workloads } from './workload.ts';

/**
 * The wildcards that stand in a policy: prefixes of keys, each granted in infra/grants.ts. The checks
 * stop at any other.
 */
const grantedPrefixes = ({ bucketExports }: LedgerStack): readonly Acknowledgment[] =>
  Object.values(grants).flatMap(({ buckets = {} }: Grant) =>
    bucketNames.flatMap((bucket) =>
      Object.values(buckets[bucket] ?? {})
        .flat()
        .map((pattern) => ({
          id: `AwsSolutions-IAM5[Resource::${bucketExports[bucket].name}/${pattern}]`,
          reason: 'Objects are granted by the prefixes of their keys.',
        })),
    ),
  );

/** What may be thrown away and deployed again: the functions, their clock, and the API before them. */
export class ExchangeStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    ledger: LedgerStack,
    props: StackProps,
  ) {
    super(scope, id, props);

    const deploy = (name: ExchangeFunctionName, invokable: Invokable = {}): IFunction =>
      new NodeFunction(this, constructId(name), {
        name,
        part: `Estelam ${settings.environment}`,
        logRetentionDays: settings.logRetentionDays,
        environment: environmentOf(name, settings, ledger, {
          'sign-checkpoint': invokable['sign-checkpoint']?.functionName ?? '',
          'publish-log': invokable['publish-log']?.functionName ?? '',
        }),
        may: statementsFor(grantOf(name), ledger, invokable, this),
        role: name === 'sign-checkpoint' ? ledger.signer : undefined,
        ...workloads[name],
      });
    const invokable = {
      'sign-checkpoint': deploy('sign-checkpoint'),
      'publish-log': deploy('publish-log'),
    } satisfies Invokable;
    const functions = {
      ...invokable,
      'submit-inquiry': deploy('submit-inquiry'),
      'run-command': deploy('run-command'),
      'take-statement': deploy('take-statement'),
      'read-inquiry': deploy('read-inquiry'),
      'read-diagnosis': deploy('read-diagnosis'),
      'read-catalogue': deploy('read-catalogue'),
      'read-registry': deploy('read-registry'),
      'read-usage': deploy('read-usage'),
      'read-audit': deploy('read-audit'),
      'export-audit': deploy('export-audit'),
      'read-subject': deploy('read-subject'),
      'open-facts': deploy('open-facts'),
      reconcile: deploy('reconcile'),
      'read-open-data': deploy('read-open-data'),
      'read-well-known': deploy('read-well-known'),
      'read-log': deploy('read-log'),
      'sequence-log': deploy('sequence-log', invokable),
      'index-log': deploy('index-log'),
      'erase-facts': deploy('erase-facts'),
      'run-erasures': deploy('run-erasures'),
      'settle-registry': deploy('settle-registry'),
      'rotate-key': deploy('rotate-key'),
      'run-exports': deploy('run-exports'),
      'publish-open-data': deploy('publish-open-data'),
      'take-census': deploy('take-census'),
    } satisfies Record<ExchangeFunctionName, IFunction>;
    for (const name of scheduled) {
      startEvery(this, `${constructId(name)}Tick`, functions[name], { name, ...schedules[name] });
    }

    const { api, stage } = new ExchangeApi(this, 'Api', settings, functions);
    watch(this, { stage, submit: functions['submit-inquiry'], journal: ledger.tables.journal });
    watchLog(this, settings, functions);
    watchReaders(this);

    Validations.of(this).acknowledge(...grantedPrefixes(ledger));

    new CfnOutput(this, 'ApiId', { value: api.apiId });
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    const clocked = scheduled.map((name) => functions[name].functionName).join(' ');
    new CfnOutput(this, 'ClockedFunctions', { value: clocked });
  }
}
