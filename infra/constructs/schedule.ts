import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/**
 * Starts a function every so many minutes. A tick that cannot be delivered is dropped: the next does
 * all that this one would have.
 */
export const startEvery = (
  scope: Construct,
  id: string,
  fn: IFunction,
  {
    name,
    minutes,
    event,
  }: { readonly name: string; readonly minutes: number; readonly event: object },
): Rule =>
  new Rule(scope, id, {
    description: `Starts ${name} every ${minutes} min`,
    schedule: Schedule.rate(Duration.minutes(minutes)),
    targets: [
      new LambdaFunction(fn, {
        event: RuleTargetInput.fromObject(event),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    ],
  });
