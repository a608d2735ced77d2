import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';
import { alarmsOf } from './template.ts';

const witnessPolicy = 'witness w w.example+00000000+AAAA https://w.example;quorum w';
const { exchange } = synthesise({ witnessPolicy, sequencingLimitSeconds: '1000' });
const alarms = alarmsOf(exchange);

const ofLog = { Namespace: 'Estelam', Dimensions: [{ Name: 'service', Value: 'log' }] };
const above = { ComparisonOperator: 'GreaterThanThreshold' };

describe('the alarms of the log', () => {
  it.each(['LogStopped', 'SignerRefused', 'LateEntries', 'IndexUnopened', 'IndexDiffers'])(
    '%s: at the first',
    (name) => {
      expect(alarms[name]).toMatchObject({
        ...ofLog,
        ...above,
        MetricName: name,
        Statistic: 'Sum',
        Threshold: 0,
        TreatMissingData: 'notBreaching',
      });
    },
  );

  it.each([
    ['SequencingLag', 500],
    ['ErasureAge', 21_600],
    ['ExportAge', 21_600],
    ['RetentionLag', 86_400],
    ['WitnessAge', 7200],
  ])('%s: at half of its limit, and when nobody tells it', (name, threshold) => {
    expect(alarms[name]).toMatchObject({
      ...ofLog,
      ...above,
      MetricName: name,
      Statistic: 'Maximum',
      Threshold: threshold,
      TreatMissingData: 'breaching',
    });
  });

  it.each([{ witnessPolicy: 'quorum none' }, { witnessPolicy, witnessLimitSeconds: '0' }])(
    'there is none for the witnesses where none are needed: %o',
    (settings) => {
      const without = alarmsOf(synthesise(settings).exchange);
      expect(without['WitnessAge']).toBeUndefined();
      expect(without['SequencingLag']).toBeDefined();
    },
  );

  it.each([
    ['RefusedLogBehind', 'log-behind'],
    ['RefusedNoQuorum', 'witness-quorum-lost'],
    ['IndexUnavailable', 'index-unavailable'],
    ['RefusedReads', 'refused-reads'],
  ])('%s: at the first request that is refused with %s', (name, problem) => {
    expect(alarms[name]).toMatchObject({
      ...above,
      Namespace: 'Estelam',
      MetricName: 'Refusals',
      Dimensions: [
        { Name: 'problem', Value: problem },
        { Name: 'service', Value: 'exchange' },
      ],
      Threshold: 0,
    });
  });

  it('IndexLag: above a minute of the busiest hour for a quarter of one, and when nobody tells', () => {
    expect(alarms['IndexLag']).toMatchObject({
      ...ofLog,
      ...above,
      MetricName: 'IndexLag',
      Statistic: 'Maximum',
      Threshold: 60_000,
      TreatMissingData: 'breaching',
    });
  });

  it('SigningKeyOld: a day after the key should have been replaced, and when nobody tells', () => {
    expect(alarms['SigningKeyOld']).toMatchObject({
      ...ofLog,
      ...above,
      MetricName: 'SigningKeyAge',
      Statistic: 'Maximum',
      Threshold: 91 * 86_400,
      TreatMissingData: 'breaching',
    });
  });

  it.each([
    'SequenceLog',
    'PublishLog',
    'IndexLog',
    'SettleRegistry',
    'RotateKey',
    'PublishOpenData',
    'TakeCensus',
    'SignCheckpoint',
  ])('%sErrors: when it fails', (name) => {
    const alarm = alarms[`${name}Errors`];
    expect(alarm).toMatchObject({
      ...above,
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Threshold: 0,
    });
    expect(JSON.stringify(alarm?.Dimensions)).toMatch(new RegExp(`"Ref":"${name}[0-9A-F]{8}"`));
  });
});

describe('the alarm of bugs', () => {
  it('comes at the first that a function of the clock met in a step', () => {
    expect(alarms['LogBugs']).toMatchObject({
      ...ofLog,
      ...above,
      MetricName: 'Bugs',
      Statistic: 'Sum',
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    });
  });
});

describe('the alarms about readers', () => {
  const ofExchange = { Namespace: 'Estelam', ...above, Statistic: 'Sum' };

  it.each(['SubjectSearches', 'Disclosures'])('%s: above 200 in an hour', (name) => {
    expect(alarms[name]).toMatchObject({
      ...ofExchange,
      MetricName: name,
      Dimensions: [{ Name: 'service', Value: 'exchange' }],
      Period: 3600,
      Threshold: 200,
      TreatMissingData: 'notBreaching',
    });
  });

  it.each([
    ['RefusedSubjectSearches', 'subject-searches'],
    ['RefusedDisclosures', 'disclosures'],
  ])('%s: at the first of %s that a reader is refused', (name, problem) => {
    expect(alarms[name]).toMatchObject({
      ...ofExchange,
      MetricName: 'Refusals',
      Dimensions: [
        { Name: 'problem', Value: problem },
        { Name: 'service', Value: 'exchange' },
      ],
      Threshold: 0,
    });
  });
});

describe('every alarm', () => {
  it.each(Object.entries(alarms))('%s says what it means', (_, { AlarmDescription }) => {
    expect(AlarmDescription).toMatch(/^[A-Z].{30,}\.$/);
  });
});
