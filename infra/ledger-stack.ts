import { CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Settings } from './config.ts';
import { LedgerTable } from './constructs/ledger-table.ts';

/** What must outlive any deployment: the journal, the registry, the secret, and the key over all. */
export class LedgerStack extends Stack {
  readonly key: Key;
  readonly journal: LedgerTable;
  readonly registry: LedgerTable;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, settings: Settings, props: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });

    this.key = new Key(this, 'Key', {
      description: `Estelam ${settings.environment}: journal, registry and exchange secret`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });

    this.journal = new LedgerTable(this, 'Journal', {
      key: this.key,
      expiresAt: 'x',
      warmReadUnits: settings.warmReadUnits,
      warmWriteUnits: settings.warmWriteUnits,
    });
    this.registry = new LedgerTable(this, 'Registry', { key: this.key });

    const secret = new CfnSecret(this, 'ExchangeSecret', {
      description: `Estelam ${settings.environment}: places records in the journal, seals signing keys`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      kmsKeyId: this.key.keyArn,
    });
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A record is found again by a keyed hash of its id: with another secret a replay would no longer meet its first record.',
    });
    // `Id` is the ARN too (as `Ref` is), and the emulated AWS agrees only on `Id`.
    this.secretArn = secret.attrId;

    new CfnOutput(this, 'JournalTable', { value: this.journal.tableName });
    new CfnOutput(this, 'RegistryTable', { value: this.registry.tableName });
    new CfnOutput(this, 'ExchangeSecretArn', { value: this.secretArn });
  }
}
