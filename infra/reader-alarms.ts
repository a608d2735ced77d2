import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** Searches and openings of all readers in an hour above which somebody should look. */
const mostInAnHour = 200;

const ofExchange = (
  metricName: string,
  period: Duration,
  dimensions: Readonly<Record<string, string>> = {},
): Metric =>
  new Metric({
    namespace: 'Estelam',
    metricName,
    dimensionsMap: { service: 'exchange', ...dimensions },
    statistic: Stats.SUM,
    period,
  });

/** What readers were refused for, as the functions count it, and what that may mean. */
const refused = {
  'subject-searches':
    'A reader has searched for persons more often than its limit allows: it may be trying numbers one after another. Its searches, with their orders, and the refusal are in the log as leaves "access"; ask for the order, and suspend the key if there is none.',
  disclosures:
    'A reader has opened more facts than its limit allows. What it opened, for which reasons, and the refusal are in the log as leaves "access"; ask whether an export under an order was meant, and suspend the key if nobody knows of it.',
} as const;

const title = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * Signs that somebody reads more of persons than an office does. Each reader's own limit is refused
 * first; these tell an operator, who is to be subscribed.
 */
export const watchReaders = (scope: Construct): void => {
  const alarm = (id: string, metric: Metric, threshold: number, reason: string): Alarm =>
    new Alarm(scope, id, {
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: reason,
    });
  for (const name of ['SubjectSearches', 'Disclosures'] as const) {
    const reason = `All readers together had more than ${mostInAnHour} ${name === 'Disclosures' ? 'facts opened' : 'searches for persons'} within an hour. The leaves "access" of that hour say who, and under which order.`;
    alarm(name, ofExchange(name, Duration.hours(1)), mostInAnHour, reason);
  }
  for (const [problem, reason] of Object.entries(refused)) {
    const metric = ofExchange('Refusals', Duration.minutes(1), { problem });
    alarm(`Refused${title(problem)}`, metric, 0, reason);
  }
};
