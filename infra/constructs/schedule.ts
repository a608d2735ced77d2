import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Starts a function each minute, to go on for `seconds`. A tick that cannot be delivered is dropped:
 * the next is a minute away, and does all that this one would have.
 */
export const everyMinute = (
  scope: Construct,
  id: string,
  fn: IFunction,
  { name, seconds }: { readonly name: string; readonly seconds: number },
): Rule =>
  new Rule(scope, id, {
    description: `Starts ${name} each minute`,
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [
      new LambdaFunction(fn, {
        event: RuleTargetInput.fromObject({ seconds }),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    ],
  });
