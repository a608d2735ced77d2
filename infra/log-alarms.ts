import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Settings } from './config.ts';
import { constructId } from './constructs/construct-id.ts';
import { type ScheduledName, scheduled, schedules } from './workload.ts';

type Watched = Readonly<Record<ScheduledName | 'sign-checkpoint', IFunction>>;

const minute = Duration.minutes(1);
const hour = Duration.hours(1);
/** In seconds. */
const day = 86_400;

/** Leaves that an index may be behind: a minute of what an exchange takes at its busiest. */
const mostUnindexed = 60_000;

/** A metric of the log's functions, as it is told without further dimensions: over all shards. */
const ofLog = (metricName: string, statistic: string, period = minute): Metric =>
  new Metric({
    namespace: 'Estelam',
    metricName,
    dimensionsMap: { service: 'log' },
    statistic,
    period,
  });

/** How many requests were refused with a problem that is nobody's fault but the operator's. */
const refusals = (problem: string): Metric =>
  new Metric({
    namespace: 'Estelam',
    metricName: 'Refusals',
    dimensionsMap: { service: 'exchange', problem },
    statistic: Stats.SUM,
    period: minute,
  });

type Told = {
  /** What it means, and what to do. */
  readonly reason: string;
  /** What it means when nothing is told. */
  readonly silence?: TreatMissingData;
  /** Minutes in a row. */
  readonly of?: number;
};

const meaning: Readonly<Record<ScheduledName | 'sign-checkpoint', string>> = {
  'sequence-log': 'Nothing enters the log while it lasts; nothing is lost, the journal waits.',
  'sign-checkpoint': 'The log grows but cannot be signed or published while it lasts.',
  'publish-log': 'Checkpoints get no cosignatures while it lasts.',
  'run-erasures': 'Nothing is erased while it lasts; what is ordered or past its retention waits.',
  'settle-registry':
    'A change of the registry whose process died waits for the next command or inquiry that meets it.',
  'take-census':
    'No further stretch of the log is counted while it lasts; the next census goes on from the last.',
  'publish-open-data': 'No further day of the statistics is published while it lasts.',
  'rotate-key': 'The current signing key goes on signing; the next one is not made or announced.',
  'run-exports': 'Exports wait while it lasts; they go on from where they were.',
  'index-log':
    'New proofs are not found and auditors do not find new entries while it lasts; both indexes go on from where they stood.',
};

/**
 * Signs that the log, or what else runs by the clock, is not as promised, each with what to do first. Alarms notify nobody until
 * an operator subscribes them.
 */
export const watchLog = (scope: Construct, settings: Settings, functions: Watched): void => {
  const alarm = (
    id: string,
    metric: Metric,
    above: number,
    { reason, silence = TreatMissingData.NOT_BREACHING, of = 1 }: Told,
  ): Alarm =>
    new Alarm(scope, id, {
      metric,
      threshold: above,
      evaluationPeriods: of,
      datapointsToAlarm: of,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: silence,
      alarmDescription: reason,
    });

  alarm('LogStopped', ofLog('LogStopped', Stats.SUM), 0, {
    reason:
      'The log does not go on: what it stands on is not what it was. Read the line "log-stopped" of sequence-log for the shard and the reason; change nothing in the tables and buckets before you understand it, and keep a copy of them.',
  });
  alarm('SignerRefused', ofLog('SignerRefused', Stats.SUM), 0, {
    reason:
      'The signer was asked to sign a tree that does not grow from its last: the head or the sequencer is not to be trusted. Treat it as an attack; compare the head, the checkpoint and what the witnesses have.',
  });
  alarm('LateEntries', ofLog('LateEntries', Stats.SUM), 0, {
    reason:
      'An entry came into the log long after its time. Each is an incident: find the leaf "late" in the log, and why the write of that inquiry was not seen (clocks, a stalled function).',
  });
  alarm('LogBugs', ofLog('Bugs', Stats.SUM), 0, {
    reason:
      'A step of a function of the clock failed of what should not happen. It is tried again, and may fail again each time: a sequencer, an index, an export or an erasure then stands still. See the lines "bug" in the logs of these functions for which, and why.',
  });
  const { sequencingLimitSeconds: behind, witnessLimitSeconds: unwitnessed } = settings;
  alarm('SequencingLag', ofLog('SequencingLag', Stats.MAXIMUM), behind / 2, {
    of: 5,
    silence: TreatMissingData.BREACHING,
    reason: `The log is more than half of ${String(behind)} s behind the journal, or nobody says how far: at all of it new inquiries are refused. Look for errors of sequence-log and sign-checkpoint, then for throttling of the tables and of KMS.`,
  });
  if (unwitnessed > 0 && !/^[ \t]*quorum[ \t]+none[ \t]*$/m.test(settings.witnessPolicy)) {
    alarm('WitnessAge', ofLog('WitnessAge', Stats.MAXIMUM), unwitnessed / 2, {
      of: 5,
      silence: TreatMissingData.BREACHING,
      reason: `No quorum of witnesses has cosigned for more than half of ${String(unwitnessed)} s: at all of it new inquiries are refused. See the lines "witness" of publish-log for who does not answer, and talk to its operator; "disagrees" means that it has seen another log.`,
    });
  }
  alarm('RefusedLogBehind', refusals('log-behind'), 0, {
    reason:
      'Inquiries are refused because the log is too far behind. See the alarm SequencingLag; raise the limit only if you know why it is behind.',
  });
  alarm('RefusedNoQuorum', refusals('witness-quorum-lost'), 0, {
    reason:
      'Inquiries are refused because no quorum of witnesses has cosigned for too long. See the alarm WitnessAge; to go on without a witness, deploy a policy that does not need it, which everybody can see.',
  });
  alarm('IndexLag', ofLog('IndexLag', Stats.MAXIMUM), mostUnindexed, {
    of: 15,
    silence: TreatMissingData.BREACHING,
    reason:
      'An index is far behind the published log and does not catch up, or nobody says how far. Nothing is lost. Look for the line "bug" of index-log: a bundle that cannot be read stops it; then for throttling of the tables.',
  });
  alarm('IndexUnopened', ofLog('IndexUnopened', Stats.SUM), 0, {
    reason:
      'Disclosures of inquiries are lost or cannot be opened: subjects and operators of these are not found. See the line "index-unopened" of index-log for how many and where, and "The vault" in docs/operations.md; where the secret was replaced, put it back.',
  });
  alarm('IndexDiffers', ofLog('IndexDiffers', Stats.SUM), 0, {
    reason:
      'The index of entries was not what the log says, and is made again from there by itself. Somebody or something changed what stands under "index" in the bucket: find out who may. See the lines "index-broken" and "index-differs".',
  });
  alarm('IndexUnavailable', refusals('index-unavailable'), 0, {
    reason:
      'Auditors cannot search: an object of the index of entries is missing or is none. Nothing is lost, the log stands. Look for errors of index-log; where it does not mend itself, make the index again (docs/operations.md).',
  });
  alarm('RefusedReads', refusals('refused-reads'), 0, {
    reason:
      'A key asks again and again for what it may not read. See the leaves "access" with "refused" in the log for whose it is; the registrar can suspend it, or give it its scope.',
  });
  const { signingKeyDays: days } = settings;
  alarm('SigningKeyOld', ofLog('SigningKeyAge', Stats.MAXIMUM, hour), (days + 1) * day, {
    of: 3,
    silence: TreatMissingData.BREACHING,
    reason: `The exchange has signed with one key for more than ${String(days)} days and a day, or nobody says for how long. It goes on signing. Look for errors of rotate-key; see "The exchange's own key" in docs/operations.md.`,
  });
  alarm('ErasureAge', ofLog('ErasureAge', Stats.MAXIMUM), day / 4, {
    of: 5,
    silence: TreatMissingData.BREACHING,
    reason:
      'An erasure that nothing holds was ordered more than six hours ago and is not done, or nobody says. Look for "bug" and "problem" with its id in the log of run-erasures: an object of the vault or of the index that cannot be read stops it; and whether the index is behind.',
  });
  alarm('RetentionLag', ofLog('RetentionLag', Stats.MAXIMUM, hour), day, {
    of: 3,
    silence: TreatMissingData.BREACHING,
    reason:
      'What is past its retention was not looked through for a day longer than it should be, or nobody says. Look for "bug" and "problem" of the job 00000000-0000-7000-8000-000000000000 in the log of run-erasures.',
  });
  alarm('ExportAge', ofLog('ExportAge', Stats.MAXIMUM), day / 4, {
    of: 5,
    silence: TreatMissingData.BREACHING,
    reason:
      'An export was asked for more than six hours ago and is neither made nor failed, or nobody says. Look for "problem" and "bug" in the log of run-exports: a store that is away for it, or an object that cannot be read, stops it at the same step again and again.',
  });
  for (const name of [...scheduled, 'sign-checkpoint'] as const) {
    const metric = functions[name].metricErrors({ statistic: Stats.SUM, period: minute });
    const each = name !== 'sign-checkpoint' && schedules[name].minutes > 1 ? 1 : 3;
    alarm(`${constructId(name)}Errors`, metric, 0, {
      of: each,
      reason: `The function ${name} has failed${each > 1 ? ' for three minutes' : ''}. ${meaning[name]} Its own log has the line "bug" with the reason.`,
    });
  }
};
