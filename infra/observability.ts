import { Duration } from 'aws-cdk-lib';
import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

type Watched = {
  readonly stage: HttpStage;
  readonly submit: IFunction;
  readonly journal: { readonly tableName: string };
};

/**
 * Four signs that callers are being failed. An expected refusal is not among them: it is a 4xx
 * and a record in the journal. Alarms notify nobody until an operator subscribes them.
 */
export const watch = (scope: Construct, { stage, submit, journal }: Watched): void => {
  const minute = Duration.minutes(1);
  const alarm = (id: string, metric: Metric, above: number, reason: string) =>
    new Alarm(scope, id, {
      metric,
      threshold: above,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: reason,
    });
  const journalThrottles = new Metric({
    namespace: 'AWS/DynamoDB',
    metricName: 'WriteThrottleEvents',
    dimensionsMap: { TableName: journal.tableName },
    statistic: Stats.SUM,
    period: minute,
  });

  alarm(
    'ServerErrors',
    stage.metricServerError({ statistic: Stats.SUM, period: minute }),
    0,
    'The API answered 5xx: a bug, or the store or an agency path is failing.',
  );
  alarm(
    'SubmitSlow',
    submit.metricDuration({ statistic: Stats.percentile(99), period: minute }),
    20_000,
    'One inquiry in a hundred takes over 20 s of the 29 s it may take.',
  );
  alarm(
    'SubmitThrottled',
    submit.metricThrottles({ statistic: Stats.SUM, period: minute }),
    0,
    'Lambda turned inquiries away: the account has reached its concurrency.',
  );
  alarm(
    'JournalThrottled',
    journalThrottles,
    0,
    'The journal refused writes: raise its warm throughput or the number of slots.',
  );
};
