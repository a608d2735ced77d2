import { describe, expect, it } from 'vitest';
import { routes } from '#shared/api/routes.ts';
import { synthesise } from './synthesise.ts';
import { eventInvokesOf, functionsOf, logGroupsOf, schedulesOf } from './template.ts';

const witnessPolicy = 'witness w w.example+00000000+AAAA https://w.example;quorum w';
const registryRoot = '{"id":"registrar:cra","jwk":{"kty":"OKP","crv":"Ed25519","x":"x"}}';
const { exchange } = synthesise({
  registryRoot,
  origin: 'https://estelam.example.ir',
  witnessPolicy,
  oidcIssuer: 'https://id.example',
  journalShards: '2',
});
const functions = functionsOf(exchange);
const ofTheLog = ['index-log', 'publish-log', 'sequence-log', 'sign-checkpoint'];
const ticked = ['index-log', 'publish-log', 'run-erasures', 'sequence-log'];
const clocked = [
  ...ticked,
  'run-exports',
  'settle-registry',
  'rotate-key',
  'take-census',
  'publish-open-data',
];

const variablesOf = (name: string): Readonly<Record<string, unknown>> =>
  functions.find((fn) => fn.name === name)?.Environment.Variables ?? {};

/** The functions that are told a variable. */
const told = (variable: string): readonly string[] =>
  functions
    .filter(({ Environment }) => Environment.Variables[variable] !== undefined)
    .map(({ name }) => name)
    .toSorted();

describe('the deployed functions', () => {
  it('are those that the routes name, those of the log, and those of the clock', () => {
    const ofRoutes = routes.map((route): string => route.function);
    const named = [...new Set([...ofRoutes, ...ofTheLog, ...clocked])];
    expect(functions.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
  });

  it.each(functions)('$name runs on Node 24 on arm64, untraced', (fn) => {
    expect(fn).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    expect(fn.TracingConfig).toBeUndefined();
  });

  it.each(functions)('$name gives up before its caller does', ({ name, Timeout }) => {
    const ofCallers =
      {
        'submit-inquiry': 29,
        'read-audit': 20,
        'export-audit': 29,
        'run-exports': 600,
        'take-census': 840,
        'open-facts': 20,
        reconcile: 29,
        'publish-open-data': 840,
      }[name] ?? 10;
    expect(Timeout).toBe(ticked.includes(name) ? 90 : ofCallers);
  });

  it.each(functions)('$name is told its origin, its tables and how the log is kept', (fn) => {
    const { ESTELAM_SECRET_ARN, JOURNAL_TABLE, REGISTRY_TABLE, ...plain } =
      fn.Environment.Variables;
    expect(JSON.stringify(ESTELAM_SECRET_ARN)).toMatch(/ImportValue.*Secret/);
    expect(JSON.stringify(JOURNAL_TABLE)).toMatch(/ImportValue.*Journal/);
    expect(JSON.stringify(REGISTRY_TABLE)).toMatch(/ImportValue.*Registry/);
    expect(plain).toMatchObject({
      ESTELAM_ORIGIN: 'https://estelam.example.ir',
      JOURNAL_SHARDS: '2',
      JOURNAL_SLOTS: '16',
      HOLD_SECONDS: '600',
      MERGE_DELAY_SECONDS: '120',
      SEQUENCING_LIMIT_SECONDS: '3600',
      WITNESS_LIMIT_SECONDS: '14400',
      LOG_ENTRIES: 'auditors',
      LOG_LEVEL: 'INFO',
    });
  });

  it('are told only of what they may touch', () => {
    expect(told('LOG_TABLE')).toEqual([
      'index-log',
      'read-diagnosis',
      'read-well-known',
      'run-erasures',
      'sequence-log',
      'submit-inquiry',
    ]);
    expect(told('RETENTION_DAYS')).toEqual(['read-subject', 'run-erasures']);
    expect(told('SIGNER_TABLE')).toEqual(['sign-checkpoint']);
    expect(told('INDEX_TABLE')).toEqual([
      'export-audit',
      'index-log',
      'open-facts',
      'publish-open-data',
      'read-audit',
      'read-inquiry',
      'read-subject',
      'reconcile',
      'run-erasures',
      'take-census',
      'take-statement',
    ]);
    expect(told('TRANSIENT_TABLE')).toEqual([
      'export-audit',
      'open-facts',
      'read-audit',
      'read-diagnosis',
      'read-log',
      'read-subject',
      'read-usage',
      'reconcile',
      'run-erasures',
      'run-exports',
      'submit-inquiry',
    ]);
    expect(told('OIDC_ISSUER')).toEqual(['read-subject', 'read-well-known']);
    expect(told('CONFIDENTIAL_BASES')).toEqual([
      'read-audit',
      'read-diagnosis',
      'read-subject',
      'read-well-known',
      'submit-inquiry',
    ]);
    expect(told('STAGING_BUCKET')).toEqual(['sequence-log']);
    expect(told('OBJECTS_BUCKET')).not.toContain('sign-checkpoint');
    expect(told('SIGNER_FUNCTION')).toEqual(['sequence-log']);
    expect(told('PUBLISHER_FUNCTION')).toEqual(['sequence-log']);
    expect(told('LOG_KEYS')).not.toContain('sequence-log');
    expect(told('REGISTRY_ROOT')).toEqual(['run-command']);
    expect(told('SIGNING_KEY_DAYS')).toEqual(['rotate-key']);
    expect(variablesOf('rotate-key')).toMatchObject({
      SIGNING_KEY_DAYS: '90',
      SIGNING_KEY_AHEAD_HOURS: '24',
    });
    expect(variablesOf('run-command')['REGISTRY_ROOT']).toBe(registryRoot);
  });

  it('have a key of the log for each shard, in their order, and the policy with its lines', () => {
    const { LOG_KEYS, LOG_WITNESS_POLICY } = variablesOf('publish-log');
    expect(JSON.stringify(LOG_KEYS)).toMatch(/GetAttLogKey0.*" ".*GetAttLogKey1/);
    expect(LOG_WITNESS_POLICY).toBe(
      'witness w w.example+00000000+AAAA https://w.example\nquorum w',
    );
  });

  it.each(functions)('$name has no secret in its variables', ({ Environment }) => {
    const text = JSON.stringify(Environment.Variables);
    expect(text).not.toMatch(/resolve:(secretsmanager|ssm)|SecretString|PRIVATE KEY/);
    expect(Object.keys(Environment.Variables)).not.toContain('ESTELAM_SECRET');
  });

  it.each(functions)('$name logs to a group that forgets', ({ LoggingConfig }) => {
    const group = logGroupsOf(exchange).find(({ id }) => id === LoggingConfig.LogGroup.Ref);
    expect(group?.retention).toBe(90);
  });

  it('no log group remembers for ever', () => {
    expect(logGroupsOf(exchange).filter(({ retention }) => retention === undefined)).toEqual([]);
  });
});

describe('the clock', () => {
  it('starts five functions each minute for 55 seconds, the others when they are due, and never twice for a tick', () => {
    const tick = {
      every: 'rate(1 minute)',
      state: 'ENABLED',
      retry: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
    };
    const schedules = schedulesOf(exchange).toSorted((a, b) =>
      (a.name ?? '') < (b.name ?? '') ? -1 : 1,
    );
    expect(schedules).toEqual([
      { ...tick, name: 'index-log', input: '{"seconds":55}' },
      { ...tick, name: 'publish-log', input: '{"seconds":55}' },
      { ...tick, name: 'publish-open-data', input: '{}', every: 'rate(1 hour)' },
      { ...tick, name: 'rotate-key', input: '{}', every: 'rate(1 hour)' },
      { ...tick, name: 'run-erasures', input: '{"seconds":55}' },
      { ...tick, name: 'run-exports', input: '{"seconds":55}' },
      { ...tick, name: 'sequence-log', input: '{"seconds":55}' },
      { ...tick, name: 'settle-registry', input: '{}' },
      { ...tick, name: 'take-census', input: '{}', every: 'rate(1 hour)' },
    ]);
  });

  it.each(functions)('$name is given no event again', ({ id }) => {
    expect(eventInvokesOf(exchange).get(id)).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('there is one sequencer, one indexer, one that exports and one that erases at a time; the publisher is invoked while it waits', () => {
    const reserved = functions.flatMap(({ name, ReservedConcurrentExecutions: one }) =>
      one === undefined ? [] : [`${name}: ${one}`],
    );
    expect(reserved.toSorted()).toEqual([
      'index-log: 1',
      'run-erasures: 1',
      'run-exports: 1',
      'sequence-log: 1',
    ]);
  });
});
