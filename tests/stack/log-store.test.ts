import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';
import { bucketOf, bucketPolicyOf, type OwnStatement, signingKeysOf } from './template.ts';

const { ledger } = synthesise({ objectRetentionDays: '4000', journalShards: '3' });
const [ledgerKey] = Object.entries(ledger.findResources('AWS::KMS::Key')).filter(([id]) =>
  /^Key[0-9A-F]{8}$/.test(id),
);
const ourKey = { 'Fn::GetAtt': [ledgerKey?.[0], 'Arn'] };

/** The statement of a name; each denies to everybody. */
const denial = (bucket: string, sid: string): OwnStatement | undefined =>
  bucketPolicyOf(ledger, bucket).find((one) => one.Sid === sid);

const keysOf = (resources: OwnStatement['Resource']): readonly string[] =>
  (resources ?? []).map((one) => /"(\/[^"]*)"/.exec(JSON.stringify(one))?.[1] ?? 'the bucket');

describe('the objects of the log', () => {
  it('are locked against everybody for as long as the setting says, in every version', () => {
    expect(bucketOf(ledger, 'Objects')).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 4000 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(bucketOf(ledger, 'Objects')?.['LifecycleConfiguration']).toBeUndefined();
    const usual = synthesise().ledger;
    expect(bucketOf(usual, 'Objects')).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 3650 } } },
    });
  });

  it('nobody may delete, or lock for less', () => {
    expect(denial('Objects', 'NobodyDeletes')).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: [
        's3:BypassGovernanceRetention',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
        's3:PutObjectRetention',
      ],
    });
    expect(denial('Objects', 'NobodyDeletes')?.Condition).toBeUndefined();
    expect(keysOf(denial('Objects', 'NobodyDeletes')?.Resource)).toEqual(['/*']);
  });

  it('nobody may loosen the lock for objects to come', () => {
    expect(denial('Objects', 'NobodyLoosens')).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: [
        's3:DeleteBucket',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketVersioning',
        's3:PutLifecycleConfiguration',
      ],
    });
    expect(keysOf(denial('Objects', 'NobodyLoosens')?.Resource)).toEqual(['the bucket']);
  });

  it('are put where nothing stands; checkpoints also over what is known to stand', () => {
    const replaced = ['/cosigned/*', '/log/*/checkpoint'];
    const everywhere = denial('Objects', 'OnlyWhereNothingStands');
    expect(everywhere).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:PutObject'],
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
    expect(everywhere?.Resource).toBeUndefined();
    expect(keysOf(everywhere?.NotResource).toSorted()).toEqual(replaced);
    const checkpoints = denial('Objects', 'OnlyOverWhatIsKnown');
    expect(checkpoints).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:PutObject'],
      Condition: { Null: { 's3:if-match': 'true', 's3:if-none-match': 'true' } },
    });
    expect(keysOf(checkpoints?.Resource).toSorted()).toEqual(replaced);
  });
});

describe('what is staged', () => {
  it('is forgotten after 30 days, and locked by nothing', () => {
    const staging = bucketOf(ledger, 'Staging');
    expect(staging).toMatchObject({
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
    });
    expect(staging?.['ObjectLockEnabled']).toBeUndefined();
  });

  it('is put where nothing stands, under every key', () => {
    const everywhere = denial('Staging', 'OnlyWhereNothingStands');
    expect(everywhere?.Condition).toEqual({ Null: { 's3:if-none-match': 'true' } });
    expect(keysOf(everywhere?.Resource)).toEqual(['/*']);
    expect(denial('Staging', 'OnlyOverWhatIsKnown')).toBeUndefined();
  });
});

describe.each(['Objects', 'Staging'])('the %s bucket', (name) => {
  it('is private, sealed by our key, and spoken to by TLS only', () => {
    expect(bucketOf(ledger, name)).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: ourKey },
          },
        ],
      },
    });
    const insecure = bucketPolicyOf(ledger, name).find(({ Condition }) =>
      JSON.stringify(Condition).includes('aws:SecureTransport'),
    );
    expect(insecure).toMatchObject({
      Effect: 'Deny',
      Action: ['s3:*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it('allows nothing by its own policy', () => {
    const effects = bucketPolicyOf(ledger, name).map(({ Effect }) => Effect);
    expect(effects).not.toEqual([]);
    expect(new Set(effects)).toEqual(new Set(['Deny']));
  });
});

describe('the keys of the log', () => {
  const keys = signingKeysOf(ledger);
  const [signer = ''] = Object.keys(ledger.findResources('AWS::IAM::Role')).filter((id) =>
    id.startsWith('SignerRole'),
  );
  const role = { 'Fn::GetAtt': [signer, 'Arn'] };

  it('are Ed25519, one a shard', () => {
    expect(keys.map(({ id }) => id.slice(0, 7)).toSorted()).toEqual([
      'LogKey0',
      'LogKey1',
      'LogKey2',
    ]);
    for (const { properties } of keys) {
      expect(properties.KeySpec).toBe('ECC_NIST_EDWARDS25519');
    }
  });

  it.each(keys)('$id signs for one role, and is denied to all others', ({ properties }) => {
    const statements = properties.KeyPolicy.Statement;
    const signing = statements.filter(({ Action }) => Action.some((one) => /Sign$|\*/.test(one)));
    expect(signing).toHaveLength(2);
    expect(signing).toMatchObject([
      { Effect: 'Allow', Action: ['kms:Sign'], Principal: { AWS: role } },
      { Effect: 'Deny', Action: ['kms:Sign'], Principal: { AWS: '*' } },
    ]);
    expect(signing[0]?.Condition).toBeUndefined();
    expect(signing[1]?.Condition).toEqual({
      ArnNotLike: {
        'aws:PrincipalArn': [
          role,
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':sts::',
                { Ref: 'AWS::AccountId' },
                ':assumed-role/',
                { Ref: signer },
                '/*',
              ],
            ],
          },
        ],
      },
    });
  });

  it.each(keys)('$id is administered without a grant, a signature or a wildcard', (key) => {
    const [administer] = key.properties.KeyPolicy.Statement;
    expect(JSON.stringify(administer?.Principal)).toContain(':root');
    expect(administer?.Action).toContain('kms:PutKeyPolicy');
    expect(administer?.Action.filter((one) => /Sign|CreateGrant|\*/.test(one))).toEqual([]);
  });
});
