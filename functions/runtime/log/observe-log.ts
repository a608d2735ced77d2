import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { Env } from '../env.ts';

/** The metrics of the log and their units; each is told with and without its dimensions. */
const units = {
  LogStopped: MetricUnit.Count,
  LateEntries: MetricUnit.Count,
  SequencingLag: MetricUnit.Seconds,
  LogSize: MetricUnit.Count,
  WitnessAge: MetricUnit.Seconds,
  WitnessFailures: MetricUnit.Count,
  IndexLag: MetricUnit.Count,
  IndexUnopened: MetricUnit.Count,
  IndexDiffers: MetricUnit.Count,
  SignerRefused: MetricUnit.Count,
  SigningKeyAge: MetricUnit.Seconds,
  ChangesFinished: MetricUnit.Count,
  ErasuresOpen: MetricUnit.Count,
  ErasureAge: MetricUnit.Seconds,
  RetentionLag: MetricUnit.Seconds,
  ExportAge: MetricUnit.Seconds,
  Bugs: MetricUnit.Count,
} as const;

type Facts = Readonly<Record<string, string | number | boolean>>;

/** What the functions of the log tell their operators: sizes, codes and names, never a leaf. */
export type LogObserver = {
  /** One JSON line. */
  readonly event: (message: string, facts: Facts) => void;
  readonly metric: (
    name: keyof typeof units,
    value: number,
    dimensions?: Readonly<Record<string, string>>,
  ) => void;
  /** What a step failed with: a warning, or an error that counts for an alarm. */
  readonly failure: (error: unknown, where: Facts) => void;
};

/** The code or name of what an error was made of; its message may quote what it met. */
const causeOf = (error: Error): Facts => {
  const { cause } = error;
  if (!(cause instanceof Error)) return {};
  return { cause: 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name };
};

/** A bug's own words may quote a leaf when they are those of a parser. */
const bugOf = (error: unknown): Facts => {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    error: error.name,
    ...(!(error instanceof SyntaxError) && { reason: error.message }),
    ...causeOf(error),
    stack: frames.join('\n'),
  };
};

/** Logs to standard output as JSON lines, metrics in CloudWatch's embedded metric format. */
export const logObserver = (env: Pick<Env, 'LOG_LEVEL'>): LogObserver => {
  const logger = new Logger({ serviceName: 'estelam', logLevel: env.LOG_LEVEL });
  const metrics = new Metrics({ namespace: 'Estelam', serviceName: 'log' });
  const silent = env.LOG_LEVEL === 'SILENT';
  const metric: LogObserver['metric'] = (name, value, dimensions) => {
    if (silent) return;
    metrics.addDimensions({});
    if (dimensions !== undefined) metrics.addDimensions({ ...dimensions });
    metrics.addMetric(name, units[name], value);
    metrics.publishStoredMetrics();
  };
  return {
    event: (message, facts) => logger.info(message, facts),
    metric,
    failure: (error, where) => {
      if (error instanceof LogStopped) {
        logger.error('log-stopped', { ...where, reason: error.reason, ...causeOf(error) });
        metric('LogStopped', 1, { reason: error.reason });
      } else if (error instanceof Problem) {
        logger.warn('problem', { ...where, problem: error.name, ...causeOf(error) });
      } else {
        logger.error('bug', { ...where, ...bugOf(error) });
        metric('Bugs', 1);
      }
    },
  };
};
