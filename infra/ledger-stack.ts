import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Settings } from './config.ts';
import { LedgerBucket } from './constructs/ledger-bucket.ts';
import { LedgerTable } from './constructs/ledger-table.ts';
import { NoteKey } from './constructs/note-key.ts';
import type { BucketName, TableName } from './grants.ts';

/** Days that a staged batch is kept: recovery wants the last one only, and within hours. */
const stagedDays = 30;

/** Days that an export can be fetched: whoever needs it longer keeps it. */
const exportedDays = 14;

export type BucketExport = { readonly name: string; readonly arn: string };

/**
 * What must outlive any deployment: the tables, the log's objects and keys, the secret, and the key
 * over all. And who may sign the log: the keys know their signer by its role, so it is made here.
 */
export class LedgerStack extends Stack {
  readonly key: Key;
  readonly tables: Readonly<Record<TableName, LedgerTable>>;
  readonly buckets: Readonly<Record<BucketName, LedgerBucket>>;
  /** The ARNs of the buckets for other stacks, under export names that do not change. */
  readonly bucketExports: Readonly<Record<BucketName, BucketExport>>;
  /** The role of the log's signer. */
  readonly signer: Role;
  /** The keys of the log, one a shard in their order. */
  readonly logKeys: readonly NoteKey[];
  readonly secretArn: string;

  constructor(scope: Construct, id: string, settings: Settings, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });

    this.key = new Key(this, 'Key', {
      description: `Estelam ${settings.environment}: tables, objects and exchange secret`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { key } = this;

    this.tables = {
      journal: new LedgerTable(this, 'Journal', {
        key,
        expiresAt: 'x',
        warmReadUnits: settings.warmReadUnits,
        warmWriteUnits: settings.warmWriteUnits,
      }),
      registry: new LedgerTable(this, 'Registry', { key }),
      log: new LedgerTable(this, 'Log', { key }),
      signer: new LedgerTable(this, 'Signer', { key }),
      index: new LedgerTable(this, 'Index', { key }),
      transient: new LedgerTable(this, 'Transient', { key, expiresAt: 'x' }),
      subject: new LedgerTable(this, 'Subject', { key, expiresAt: 'x' }),
    };
    this.buckets = {
      objects: new LedgerBucket(this, 'Objects', {
        key,
        lockedDays: settings.objectRetentionDays,
        replaceable: ['log/*/checkpoint', 'cosigned/*'],
      }),
      staging: new LedgerBucket(this, 'Staging', {
        key,
        forgotten: [{ afterDays: stagedDays }],
        replaceable: [],
      }),
      derived: new LedgerBucket(this, 'Derived', {
        key,
        forgotten: [{ prefix: 'export/', afterDays: exportedDays }],
        replaceable: ['index/*', 'vault/*', 'open-data/*'],
      }),
    };

    const exported = (bucket: LedgerBucket): BucketExport => {
      const name = `${this.stackName}:${bucket.node.id}Arn`;
      return { name, arn: this.exportValue(bucket.bucketArn, { name }) };
    };
    this.bucketExports = {
      objects: exported(this.buckets.objects),
      staging: exported(this.buckets.staging),
      derived: exported(this.buckets.derived),
    };

    this.signer = new Role(this, 'SignerRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${this.stackName}: the only one that signs the log`,
    });
    this.signer.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.logKeys = Array.from(
      { length: settings.journalShards },
      (_, shard) =>
        new NoteKey(this, `LogKey${String(shard)}`, {
          description: `Estelam ${settings.environment}: signs the log of shard ${String(shard)}`,
          signer: this.signer,
        }),
    );

    const secret = new CfnSecret(this, 'ExchangeSecret', {
      description: `Estelam ${settings.environment}: places records in the journal, seals signing keys`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      kmsKeyId: key.keyArn,
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A record is found again by a keyed hash of its id: with another secret a replay would no longer meet its first record.',
    });
    // `Id` is the ARN too (as `Ref` is), and the emulated AWS agrees only on `Id`.
    this.secretArn = secret.attrId;

    const { tables, buckets } = this;
    const outputs = {
      JournalTable: tables.journal.tableName,
      RegistryTable: tables.registry.tableName,
      LogTable: tables.log.tableName,
      SignerTable: tables.signer.tableName,
      IndexTable: tables.index.tableName,
      TransientTable: tables.transient.tableName,
      SubjectTable: tables.subject.tableName,
      ObjectsBucket: buckets.objects.bucketName,
      StagingBucket: buckets.staging.bucketName,
      DerivedBucket: buckets.derived.bucketName,
      LogKeys: this.logKeys.map(({ keyArn }) => keyArn).join(' '),
      ExchangeSecretArn: this.secretArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
