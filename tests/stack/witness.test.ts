import { describe, expect, it } from 'vitest';
import { buildWitness } from '#infra/witness.ts';
import { newApp, synthesiseWitness, witnessSettings } from './synthesise.ts';
import {
  fatesOf,
  functionsOf,
  routesOf,
  signingKeysOf,
  stagesOf,
  statementsOf,
  tablesOf,
} from './template.ts';

const witness = synthesiseWitness();
const [fn] = functionsOf(witness);

describe('a witness', () => {
  it('stands by itself: it takes nothing from another stack', () => {
    expect(JSON.stringify(witness.toJSON())).not.toContain('Fn::ImportValue');
  });

  it('keeps its table, its keys and its signer, and is deleted by nobody by accident', () => {
    const kept = fatesOf(witness).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain');
    expect(kept.map(({ Type }) => Type).toSorted()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::KMS::Key',
    ]);
    expect(buildWitness(newApp(witnessSettings)).terminationProtection).toBe(true);
    expect(tablesOf(witness)['Trees']).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(tablesOf(witness)['Trees']?.TimeToLiveSpecification).toBeUndefined();
  });

  it('has two routes, and is throttled', () => {
    const routes = routesOf(witness).map((route) => `${route.key} ${route.function ?? ''}`);
    expect(routes.toSorted()).toEqual(['GET / witness', 'POST /add-checkpoint witness']);
    expect(stagesOf(witness)).toMatchObject([
      { DefaultRouteSettings: { ThrottlingBurstLimit: 40, ThrottlingRateLimit: 20 } },
    ]);
  });

  it('is told its name, its logs, its table and its key', () => {
    const { WITNESS_TABLE, NOTE_KEY_ARN, ...plain } = fn?.Environment.Variables ?? {};
    expect(JSON.stringify(WITNESS_TABLE)).toContain('Trees');
    expect(JSON.stringify(NOTE_KEY_ARN)).toContain('NoteKey');
    expect(plain).toEqual({
      WITNESS_NAME: witnessSettings.witnessName,
      WITNESS_LOGS: witnessSettings.witnessLogs,
      LOG_LEVEL: 'INFO',
    });
  });

  it('may write its log, keep its trees, and sign: nothing else', () => {
    const actions = statementsOf(witness, 'witness').flatMap(({ Action }) => Action);
    expect(actions.toSorted()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GetPublicKey',
      'kms:Sign',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
    expect(JSON.stringify(statementsOf(witness, 'witness'))).not.toContain('*');
  });

  it('signs with an Ed25519 key of its own that no other may sign with', () => {
    const [key, ...more] = signingKeysOf(witness);
    expect(more).toEqual([]);
    expect(key?.properties.KeySpec).toBe('ECC_NIST_EDWARDS25519');
    const signing = key?.properties.KeyPolicy.Statement.filter(({ Action }) =>
      Action.includes('kms:Sign'),
    );
    expect(signing?.map(({ Effect }) => Effect)).toEqual(['Allow', 'Deny']);
    expect(JSON.stringify(fn?.Role)).toContain('SignerRole');
    expect(JSON.stringify(signing?.[0]?.Principal)).toContain('SignerRole');
  });
});
