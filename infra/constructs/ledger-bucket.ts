import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Objects, of a prefix or all, that are dropped some days after they were put. */
type Forgotten = { readonly prefix?: string; readonly afterDays: number };

type LedgerBucketProps = {
  readonly key: IKey;
  /** Keys of objects that may be replaced, by whoever knows what stands there; `*` as in a policy. */
  readonly replaceable: readonly string[];
} & (
  | { readonly lockedDays: number; readonly forgotten?: never }
  | { readonly forgotten: readonly Forgotten[]; readonly lockedDays?: never }
);

/** Puts that a condition on what stands there does not guard; `headers`: those of which one must come. */
const without = (headers: readonly ('s3:if-match' | 's3:if-none-match')[]) => ({
  Null: Object.fromEntries(headers.map((header) => [header, 'true'])),
});

/**
 * A bucket whose objects are written once: what its policy denies, it denies to everybody, this
 * account's administrators included.
 *
 * A put must come with If-None-Match, or, where an object may be replaced, with that or If-Match. The
 * condition keys are absent from the requests of a multipart upload too, which therefore cannot begin
 * here, and from a copy, which S3 refuses with these headers: objects come in one piece, from a writer
 * that has them. (Amazon S3 User Guide, Enforce conditional writes on Amazon S3 buckets.)
 *
 * A locked object cannot be deleted by anybody until its time is up. The denials beside the lock keep
 * it from being hidden by a delete marker, from being locked for less than the bucket's default, and
 * the default from being loosened for objects to come. To lengthen that, an administrator lifts
 * `NobodyLoosens` first.
 */
export class LedgerBucket extends Bucket {
  constructor(scope: Construct, id: string, props: LedgerBucketProps) {
    const { key, replaceable, lockedDays, forgotten = [] } = props;
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(lockedDays === undefined
        ? {}
        : {
            versioned: true,
            objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(lockedDays)),
          }),
      ...(forgotten.length === 0
        ? {}
        : {
            lifecycleRules: forgotten.map(({ prefix, afterDays }) => ({
              expiration: Duration.days(afterDays),
              ...(prefix !== undefined && { prefix }),
            })),
          }),
    });

    const deny = (sid: string, actions: string[], more: object): void => {
      const everybody = { sid, effect: Effect.DENY, principals: [new AnyPrincipal()], actions };
      this.addToResourcePolicy(new PolicyStatement({ ...everybody, ...more }));
    };
    const keys = replaceable.map((pattern) => this.arnForObjects(pattern));
    deny('OnlyWhereNothingStands', ['s3:PutObject'], {
      ...(keys.length === 0 ? { resources: [this.arnForObjects('*')] } : { notResources: keys }),
      conditions: without(['s3:if-none-match']),
    });
    if (keys.length > 0) {
      deny('OnlyOverWhatIsKnown', ['s3:PutObject'], {
        resources: keys,
        conditions: without(['s3:if-match', 's3:if-none-match']),
      });
    }
    if (lockedDays !== undefined) {
      deny(
        'NobodyDeletes',
        [
          's3:BypassGovernanceRetention',
          's3:DeleteObject',
          's3:DeleteObjectVersion',
          's3:PutObjectRetention',
        ],
        { resources: [this.arnForObjects('*')] },
      );
      deny(
        'NobodyLoosens',
        [
          's3:DeleteBucket',
          's3:PutBucketObjectLockConfiguration',
          's3:PutBucketVersioning',
          's3:PutLifecycleConfiguration',
        ],
        { resources: [this.bucketArn] },
      );
    }
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);

    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'What stands here proves itself and cannot be taken away; a log of accesses would hold who read of whom, and for longer than anybody needs it.',
    });
  }
}
