import { describe, expect, it } from 'vitest';
import { type AwsAnswer, type AwsCaller, awsCaller, newUser } from '../aws-user.ts';
import { missingLog, publishedSize } from '../log.ts';
import type { OnStage, Stage } from '../stage.ts';

/** Why what only an AWS does cannot be tested; undefined where it can. */
const missingAws = (stage: Stage): string | undefined => {
  const { workshop, env } = stage.world;
  if (workshop !== undefined) return 'this exchange runs on this machine, and not on an AWS';
  if (env.AWS_ENDPOINT_URL === undefined || env.OBJECTS_BUCKET === undefined) {
    return 'users are made on an emulated AWS only: AWS_ENDPOINT_URL and OBJECTS_BUCKET name one';
  }
  return missingLog(stage);
};

type Aws = {
  readonly root: AwsCaller;
  /** Somebody whom the account allows everything with keys and buckets. */
  readonly mighty: AwsCaller;
  readonly key: string;
  readonly bucket: string;
};

const openAws = async ({ world: { env } }: Stage): Promise<Aws> => {
  const endpoint = env.AWS_ENDPOINT_URL ?? '';
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const root = awsCaller(endpoint, env.AWS_REGION, { accessKeyId, secretAccessKey });
  const user = await newUser(root, ['kms:*', 's3:*']);
  return {
    root,
    mighty: awsCaller(endpoint, env.AWS_REGION, user),
    key: env.LOG_KEYS?.[0] ?? '',
    bucket: env.OBJECTS_BUCKET ?? '',
  };
};

const kms = (caller: AwsCaller, operation: string, input: object): Promise<AwsAnswer> =>
  caller({
    service: 'kms',
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body: JSON.stringify(input),
  });

/** What AWS itself holds the log to, whoever asks: tried as somebody with every right but that. */
export const logDeployedSuite = (onStage: OnStage): void => {
  describe('the log on an AWS', { timeout: 180_000 }, () => {
    it('is signed by the role of its signer, and by nobody else', async ({ skip }) => {
      const stage = onStage();
      const missing = missingAws(stage);
      skip(missing !== undefined, missing);
      const { mighty, key } = await openAws(stage);

      const published = await kms(mighty, 'GetPublicKey', { KeyId: key });
      const signed = await kms(mighty, 'Sign', {
        KeyId: key,
        Message: Buffer.from('a checkpoint that nobody checked\n').toString('base64'),
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const granted = await kms(mighty, 'CreateGrant', {
        KeyId: key,
        GranteePrincipal: 'arn:aws:iam::000000000000:root',
        Operations: ['Sign'],
      });

      expect(published.status).toBe(200);
      expect([signed.status, signed.text]).toEqual([403, expect.stringContaining('AccessDenied')]);
      expect([granted.status, granted.text]).toEqual([
        403,
        expect.stringContaining('AccessDenied'),
      ]);
      expect(await publishedSize(stage)).toBeGreaterThan(0);
    });

    it('is deleted by nobody, neither by hiding it nor by its version', async ({ skip }) => {
      const stage = onStage();
      const missing = missingAws(stage);
      skip(missing !== undefined, missing);
      const { root, mighty, bucket } = await openAws(stage);
      const path = `/${bucket}/log/0/tile/0/000.p/1`;
      const before = await mighty({ service: 's3', method: 'GET', path });
      const version = before.header('x-amz-version-id') ?? '';
      const ofVersion = `${path}?versionId=${version}`;

      const hidden = await mighty({ service: 's3', method: 'DELETE', path });
      const deleted = await mighty({ service: 's3', method: 'DELETE', path: ofVersion });
      const byRoot = await root({
        service: 's3',
        method: 'DELETE',
        path: ofVersion,
        headers: { 'x-amz-bypass-governance-retention': 'true' },
      });

      expect([before.status, before.header('x-amz-object-lock-mode')]).toEqual([200, 'COMPLIANCE']);
      expect(version).not.toBe('');
      expect([hidden.status, deleted.status, byRoot.status]).toEqual([403, 403, 403]);
      const after = await mighty({ service: 's3', method: 'GET', path });
      expect([after.status, after.text]).toEqual([200, before.text]);
    });

    it('keeps its lock: nobody loosens it for objects to come', async ({ skip }) => {
      const stage = onStage();
      const missing = missingAws(stage);
      skip(missing !== undefined, missing);
      const { mighty, bucket } = await openAws(stage);
      const at = { service: 's3', path: `/${bucket}?object-lock` } as const;
      const lock = await mighty({ ...at, method: 'GET' });

      const loosened = await mighty({
        ...at,
        method: 'PUT',
        body: lock.text.replace(/<Days>\d+<\/Days>/, '<Days>1</Days>'),
      });

      expect([lock.status, lock.text]).toEqual([200, expect.stringContaining('COMPLIANCE')]);
      expect(loosened.status).toBe(403);
      expect((await mighty({ ...at, method: 'GET' })).text).toBe(lock.text);
    });
  });
};
