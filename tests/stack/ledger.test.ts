import { describe, expect, it } from 'vitest';
import { buildEstelam } from '#infra/estelam.ts';
import { newApp, synthesise } from './synthesise.ts';
import { fatesOf, tablesOf } from './template.ts';

const { ledger } = synthesise();
const tables = tablesOf(ledger);
const [keyId] = Object.keys(
  ledger.findResources('AWS::KMS::Key', { Properties: { EnableKeyRotation: true } }),
);
const ourKey = { 'Fn::GetAtt': [keyId, 'Arn'] };
const names = ['Journal', 'Registry', 'Log', 'Signer', 'Index', 'Transient', 'Subject'];

describe('what must outlive a deployment', () => {
  it('is retained, every resource of it', () => {
    const fates = fatesOf(ledger);
    expect(fates.filter(({ DeletionPolicy }) => DeletionPolicy !== 'Retain')).toEqual([]);
    expect(fates.map(({ Type }) => Type).toSorted()).toEqual([
      ...names.map(() => 'AWS::DynamoDB::Table'),
      'AWS::IAM::Role',
      'AWS::KMS::Key',
      'AWS::KMS::Key',
      'AWS::S3::Bucket',
      'AWS::S3::Bucket',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::S3::BucketPolicy',
      'AWS::S3::BucketPolicy',
      'AWS::SecretsManager::Secret',
    ]);
  });

  it('is a stack that nobody deletes by accident', () => {
    expect(buildEstelam(newApp()).ledger.terminationProtection).toBe(true);
  });

  it.each(names)('the %s table can be restored, and is sealed by our key', (name) => {
    expect(tables[name]).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEType: 'KMS', KMSMasterKeyId: ourKey },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  });

  it.each(names)('the %s table has no index and no stream', (name) => {
    const table = tables[name];
    expect(table?.GlobalSecondaryIndexes).toBeUndefined();
    expect(table?.LocalSecondaryIndexes).toBeUndefined();
    expect(table?.StreamSpecification).toBeUndefined();
  });

  it('only the journal, what is transient and what is about persons forget, by the attribute `x`', () => {
    const forgetful = ['Journal', 'Transient', 'Subject'];
    expect(forgetful.map((name) => tables[name]?.TimeToLiveSpecification)).toEqual(
      forgetful.map(() => ({ AttributeName: 'x', Enabled: true })),
    );
    const others = names.filter((name) => !forgetful.includes(name));
    expect(others.map((name) => tables[name]?.TimeToLiveSpecification)).toEqual(
      others.map(() => undefined),
    );
  });

  it('the journal is warm when a setting says so', () => {
    expect(tables['Journal']?.WarmThroughput).toBeUndefined();
    const warm = synthesise({ warmReadUnits: '20000', warmWriteUnits: '12000' });
    expect(tablesOf(warm.ledger)['Journal']?.WarmThroughput).toEqual({
      ReadUnitsPerSecond: 20_000,
      WriteUnitsPerSecond: 12_000,
    });
  });

  it('the key rotates, and the secret is sealed by it', () => {
    expect(
      ledger.findResources('AWS::KMS::Key', { Properties: { EnableKeyRotation: true } }),
    ).not.toEqual({});
    const [secret] = Object.values(ledger.findResources('AWS::SecretsManager::Secret'));
    expect(secret).toMatchObject({
      Properties: {
        KmsKeyId: ourKey,
        GenerateSecretString: { PasswordLength: 64 },
      },
    });
  });
});
