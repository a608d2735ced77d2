import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

type LedgerTableProps = {
  readonly key: IKey;
  /** The attribute that holds the second after which DynamoDB may drop a row. */
  readonly expiresAt?: string;
  readonly warmReadUnits?: number | undefined;
  readonly warmWriteUnits?: number | undefined;
};

/**
 * A table of evidence: keyed by `pk` and `sk`, restorable to any second, encrypted under our key,
 * and deleted by nobody by accident.
 *
 * It has no index and no stream. An index multiplies the writes of an inquiry and, when hot,
 * throttles the table; a stream loses what is not read in a day. It is a table of one region and
 * not a global one: the journal may not leave the country it is kept in.
 */
export class LedgerTable extends Table {
  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    const { key, expiresAt, warmReadUnits, warmWriteUnits } = props;
    const warm = {
      ...(warmReadUnits === undefined ? {} : { readUnitsPerSecond: warmReadUnits }),
      ...(warmWriteUnits === undefined ? {} : { writeUnitsPerSecond: warmWriteUnits }),
    };
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(expiresAt === undefined ? {} : { timeToLiveAttribute: expiresAt }),
      ...(Object.keys(warm).length === 0 ? {} : { warmThroughput: warm }),
    });
  }
}
