import { describe, expect, it } from 'vitest';
import { type ExchangeFunctionName, type Grant, grantOf, grants } from '#infra/grants.ts';
import { synthesise } from './synthesise.ts';
import { functionsOf, statementsOf } from './template.ts';

const { exchange } = synthesise();
const isFunction = (name: string): name is ExchangeFunctionName => Object.hasOwn(grants, name);
const names = functionsOf(exchange)
  .map(({ name }) => name)
  .filter(isFunction);

/** Whose thing a resource is, as far as a person reads it off its reference. */
const known = [
  [/ObjectsArn"\},"(\/[^"]*)"/, 'objects'],
  [/StagingArn"\},"(\/[^"]*)"/, 'staging'],
  [/DerivedArn"\},"(\/[^"]*)"/, 'derived'],
  [/:ObjectsArn"/, 'objects'],
  [/:StagingArn"/, 'staging'],
  [/:DerivedArn"/, 'derived'],
  [/GetAttLogKey(\d+)[0-9A-F]{8}Arn/, 'log key '],
  [/GetAttKey[0-9A-F]{8}Arn/, 'ledger key'],
  [/GetAtt(Journal|Registry|Log|Signer|Index|Transient|Subject)[0-9A-F]{8}Arn/, 'table '],
  [/GetAttExchangeSecret/, 'secret'],
  [/"Fn::GetAtt":\["(SignCheckpoint|PublishLog)[0-9A-F]{8}","Arn"\]/, 'function '],
  [/"Fn::GetAtt":\["[A-Za-z]+Log[0-9A-F]{8}","Arn"\]/, 'own log'],
] as const;

const named = (resource: unknown): string => {
  const text = JSON.stringify(resource);
  for (const [pattern, kind] of known) {
    const match = pattern.exec(text);
    if (match !== null) return `${kind}${match[1] ?? ''}`;
  }
  return text;
};

/** All that a template lets a function do, one action on one resource a line. */
const allowed = (name: string): readonly string[] =>
  statementsOf(exchange, name).flatMap(({ Action, Resource }) =>
    Action.flatMap((action) =>
      (Array.isArray(Resource) ? Resource : [Resource]).map((one) => `${action} ${named(one)}`),
    ),
  );

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The same by the table, written down once more. */
const wanted = ({ tables, buckets = {}, logKeys = [], invokes = [], secret }: Grant) => {
  const onTables = Object.entries(tables).flatMap(([table, actions]) =>
    actions.map((action) => `dynamodb:${action} table ${title(table)}`),
  );
  const onBuckets = Object.entries(buckets).flatMap(([bucket, granted]) => [
    ...Object.entries(granted).flatMap(([action, keys]) =>
      keys.map((key) => `s3:${action} ${bucket}/${key}`),
    ),
    `s3:ListBucket ${bucket}`,
  ]);
  const writes = [...onTables, ...onBuckets].some((line) => /:(Put|Update)/.test(line));
  return [
    'logs:CreateLogStream own log',
    'logs:PutLogEvents own log',
    ...onTables,
    ...onBuckets,
    ...logKeys.map((action) => `kms:${action} log key 0`),
    ...invokes.map((fn) => `lambda:InvokeFunction function ${fn.split('-').map(title).join('')}`),
    ...(secret ? ['secretsmanager:GetSecretValue secret'] : []),
    ...['Decrypt', 'DescribeKey', ...(writes ? ['Encrypt', 'GenerateDataKey'] : [])].map(
      (action) => `kms:${action} ledger key`,
    ),
  ];
};

const whoMay = (line: RegExp): readonly string[] =>
  names.filter((name) => allowed(name).some((one) => line.test(one))).toSorted();

describe('what the functions are allowed', () => {
  it.each(names)('%s: what its row of the table says, and no more', (name) => {
    expect(allowed(name).toSorted()).toEqual(wanted(grantOf(name)).toSorted());
  });

  it('the table has no row without a function', () => {
    expect(names.toSorted()).toEqual(Object.keys(grants).toSorted());
  });

  it.each(names)('%s: no action by wildcard, and no resource but prefixes of keys', (name) => {
    const lines = allowed(name);
    const wild = lines.filter((line) => line.includes('*'));
    expect(lines.filter((line) => /^\S*\*/.test(line))).toEqual([]);
    expect(
      wild.filter((line) => !/^s3:(Get|Put|Delete)Object (objects|staging|derived)\/./.test(line)),
    ).toEqual([]);
  });

  it('those write to the journal that ask, command, state, read, fence, hold, erase, or announce a key, and only one does not only put', () => {
    expect(whoMay(/^dynamodb:(?!GetItem|Query)\w+ table Journal/)).toEqual([
      'erase-facts',
      'export-audit',
      'open-facts',
      'read-audit',
      'read-log',
      'read-subject',
      'read-well-known',
      'reconcile',
      'rotate-key',
      'run-command',
      'run-erasures',
      'sequence-log',
      'settle-registry',
      'submit-inquiry',
      'take-census',
      'take-statement',
    ]);
    const other = /^dynamodb:(?!GetItem|BatchGetItem|Query|PutItem)/;
    const metering = [
      'export-audit',
      'open-facts',
      'read-audit',
      'read-log',
      'read-subject',
      'reconcile',
      'submit-inquiry',
    ];
    const erasing = ['index-log', 'run-erasures'];
    expect(whoMay(other)).toEqual([...metering, ...erasing].toSorted());
    for (const name of names.filter((one) => metering.includes(one))) {
      const lines = allowed(name).filter((line) => other.test(line));
      expect(lines).toEqual(['dynamodb:UpdateItem table Transient']);
    }
  });

  it('only those that change it or may make the signing key write to the registry', () => {
    expect(whoMay(/^dynamodb:PutItem table Registry/)).toEqual([
      'read-well-known',
      'rotate-key',
      'run-command',
      'settle-registry',
      'submit-inquiry',
    ]);
  });

  it('whoever signs receipts may query the keys of the exchange', () => {
    expect(whoMay(/^dynamodb:Query table Registry/)).toEqual(
      expect.arrayContaining(['read-inquiry', 'read-well-known', 'rotate-key', 'submit-inquiry']),
    );
  });

  it('only the signer signs, and remembers what it signed', () => {
    expect(whoMay(/^kms:Sign /)).toEqual(['sign-checkpoint']);
    expect(whoMay(/table Signer/)).toEqual(['sign-checkpoint']);
  });

  it('only the sequencer moves a head, writes tiles, and asks the signer and the publisher', () => {
    expect(whoMay(/^dynamodb:PutItem table Log/)).toEqual(['sequence-log']);
    expect(whoMay(/^s3:PutObject objects\/log\/\*\/tile/)).toEqual(['sequence-log']);
    expect(whoMay(/^lambda:/)).toEqual(['sequence-log']);
  });

  it('only those that take and make exports write their parts', () => {
    expect(whoMay(/^s3:PutObject derived\/export/)).toEqual(['export-audit', 'run-exports']);
  });

  it('only exports are removed, by what forgets them and by what erases, one kind of object alone', () => {
    expect(whoMay(/^s3:Delete/)).toEqual(['run-erasures', 'run-exports']);
    const deletes = names.flatMap(allowed).filter((line) => line.startsWith('s3:Delete'));
    expect(new Set(deletes)).toEqual(new Set(['s3:DeleteObject derived/export/*']));
  });

  it('only the clock publishes statistics, and what reads them reads nothing else', () => {
    expect(whoMay(/^s3:PutObject derived\/open-data/)).toEqual(['publish-open-data']);
    expect(whoMay(/derived\/open-data/)).toEqual(['publish-open-data', 'read-open-data']);
    const read = names.filter((one) => one === 'read-open-data').flatMap(allowed);
    expect(read.filter((line) => /^(dynamodb|s3:Get|lambda|secretsmanager)/.test(line))).toEqual([
      's3:GetObject derived/open-data/*',
    ]);
  });

  it('only those that search, feed and erase know the table of subjects', () => {
    expect(whoMay(/table Subject$/)).toEqual([
      'erase-facts',
      'index-log',
      'open-facts',
      'read-subject',
      'run-erasures',
    ]);
    const searching = names.filter((one) => one === 'open-facts').flatMap(allowed);
    expect(searching.filter((line) => line.endsWith('table Subject'))).toEqual([
      'dynamodb:Query table Subject',
    ]);
  });

  it('only the publisher writes checkpoints, and nobody deletes an object of a log', () => {
    expect(whoMay(/^s3:PutObject objects\/(?!log\/\*\/tile)/)).toEqual(['publish-log']);
    expect(whoMay(/^s3:\S*(Delete|Bypass|Retention)\S* (?!derived\/export\/\*$)/)).toEqual([]);
  });

  it('persons are forgotten by deleting their rows of one table, and by emptying what the journal seals', () => {
    expect(whoMay(/:DeleteItem/)).toEqual(['index-log', 'run-erasures']);
    for (const name of names.filter((one) => one === 'index-log' || one === 'run-erasures')) {
      const deletes = allowed(name).filter((line) => /:DeleteItem/.test(line));
      expect(deletes).toEqual(['dynamodb:DeleteItem table Subject']);
    }
    expect(whoMay(/^dynamodb:UpdateItem table Journal/)).toEqual(['run-erasures']);
    expect(whoMay(/^s3:PutObject derived\/vault/)).toEqual(['index-log', 'run-erasures']);
    expect(whoMay(/^dynamodb:PutItem table Subject/)).toEqual([
      'erase-facts',
      'index-log',
      'run-erasures',
    ]);
  });

  it('neither the log nor the statistics need the secret, but for their index', () => {
    expect(names.filter((name) => !whoMay(/^secretsmanager:/).includes(name)).toSorted()).toEqual([
      'publish-log',
      'publish-open-data',
      'read-open-data',
      'sequence-log',
      'sign-checkpoint',
    ]);
  });

  it.each(names)('%s: the ledger key only through services that keep what it touches', (name) => {
    const uses = statementsOf(exchange, name).filter(({ Action }) =>
      Action.includes('kms:Decrypt'),
    );
    const services = ['dynamodb', 's3', 'secretsmanager'].filter((service) =>
      JSON.stringify(uses[0]?.Condition).includes(`"${service}.`),
    );
    const touched = new Set(allowed(name).map((line) => line.split(':')[0] ?? ''));
    expect(uses).toHaveLength(1);
    expect(JSON.stringify(uses[0]?.Condition)).toContain('kms:ViaService');
    expect(services).toEqual(
      ['dynamodb', 's3', 'secretsmanager'].filter((service) => touched.has(service)),
    );
  });
});
