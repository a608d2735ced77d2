import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { InquiryFacts } from '#shared/inquiry/settled.ts';
import type { ProblemName } from '#shared/kernel/problem.ts';
import type { Env } from './env.ts';
import type { Counted } from './reply.ts';

/** What one request came to: codes and ids, never a payload, a token or a person. */
export type Outcomes = {
  readonly requestId: string;
  readonly trace: string;
  readonly route: string;
  readonly status: number;
  /** Milliseconds. */
  readonly ms: number;
  readonly problem?: string;
  /** What the refusal is counted for an alarm as, where its problem does not say so itself. */
  readonly alarm?: string;
  /** Why, as a code of whatever failed beneath: for operators, never for callers. */
  readonly cause?: string;
  readonly inquiry?: InquiryFacts;
  /** A metric by which this is counted. */
  readonly counted?: Counted;
  /** As so many; as one where nothing is said. */
  readonly times?: number;
  /** The checkpoint that a witness was asked about. */
  readonly checkpoint?: { readonly origin: string; readonly size: string };
};

export type Observer = {
  /** One JSON line and two metrics for each outcome. */
  readonly outcome: (what: Outcomes) => void;
  /** Something that should not happen: logged with its stack, and counted for the alarm. */
  readonly bug: (error: unknown, where: Pick<Outcomes, 'requestId' | 'route'>) => void;
};

/** Refusals that are nobody's fault but the operator's: each is counted for an alarm. */
const alarming: ReadonlySet<string> = new Set([
  'log-behind',
  'witness-quorum-lost',
  'index-unavailable',
] satisfies readonly ProblemName[]);

/** Under which name a refusal is counted for an alarm; undefined for most. */
const alarmOf = ({ problem, alarm }: Outcomes): string | undefined => {
  if (alarm !== undefined) return alarm;
  return problem !== undefined && alarming.has(problem) ? problem : undefined;
};

/** Logs to standard output as JSON lines, metrics in CloudWatch's embedded metric format. */
export const observer = (env: Pick<Env, 'LOG_LEVEL'>): Observer => {
  const logger = new Logger({ serviceName: 'estelam', logLevel: env.LOG_LEVEL });
  const metrics = new Metrics({ namespace: 'Estelam', serviceName: 'exchange' });
  const silent = env.LOG_LEVEL === 'SILENT';
  return {
    outcome: ({ inquiry, ...rest }) => {
      logger.info('outcome', inquiry === undefined ? rest : { ...rest, inquiry });
      if (silent) return;
      const alarm = alarmOf(rest);
      if (alarm !== undefined) {
        metrics.addDimensions({ problem: alarm });
        metrics.addMetric('Refusals', MetricUnit.Count, 1);
        metrics.publishStoredMetrics();
      }
      if (rest.counted !== undefined) {
        metrics.addMetric(rest.counted, MetricUnit.Count, rest.times ?? 1);
        metrics.publishStoredMetrics();
      }
      if (inquiry === undefined) return;
      metrics.addDimensions({ agencyService: inquiry.service, outcome: inquiry.outcome });
      metrics.addMetric('Inquiries', MetricUnit.Count, 1);
      metrics.addMetric('Latency', MetricUnit.Milliseconds, rest.ms);
      metrics.publishStoredMetrics();
    },
    bug: (error, where) => {
      logger.error('bug', { ...where, error: error instanceof Error ? error : String(error) });
      if (silent) return;
      metrics.addMetric('Bugs', MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
  };
};
