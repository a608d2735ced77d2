import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  type IRole,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

type NoteKeyProps = {
  readonly description: string;
  /** The only one that may sign. */
  readonly signer: IRole;
};

/** All that an administrator does with a key that signs; to sign and to make grants are not there. */
const administration = [
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:GetPublicKey',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

/**
 * An Ed25519 key that signs notes (C2SP signed-note), and never leaves KMS.
 *
 * Its policy lets one role sign. The denial beside it holds against what else could let somebody sign:
 * an identity's own policy, a grant, or a statement added to this policy. Who may write this policy can
 * still take the denial away: that is `PutKeyPolicy` in the account's trail, and to be alarmed there.
 */
export class NoteKey extends Key {
  constructor(scope: Construct, id: string, { description, signer }: NoteKeyProps) {
    const session = Stack.of(scope).formatArn({
      service: 'sts',
      region: '',
      resource: 'assumed-role',
      resourceName: `${signer.roleName}/*`,
    });
    const statement = { actions: ['kms:Sign'], resources: ['*'] };
    super(scope, id, {
      description,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'Administer',
            principals: [new AccountRootPrincipal()],
            actions: administration,
            resources: ['*'],
          }),
          new PolicyStatement({ ...statement, sid: 'Sign', principals: [signer.grantPrincipal] }),
          new PolicyStatement({
            ...statement,
            sid: 'NobodyElseSigns',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            // On AWS that is the role's ARN whoever has assumed it; the emulated AWS says the session's.
            conditions: { ArnNotLike: { 'aws:PrincipalArn': [signer.roleArn, session] } },
          }),
        ],
      }),
    });
  }
}
