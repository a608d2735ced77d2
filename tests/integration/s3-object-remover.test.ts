import { describe, expect, it, onTestFinished } from 'vitest';
import { s3ObjectRemover } from '#functions/runtime/objects/s3-object-remover.ts';
import { s3ObjectStore } from '#functions/runtime/objects/s3-object-store.ts';
import { objectRemoverContract } from '#tests/contract/object-remover-contract.ts';
import type { Respond } from './http-listener.ts';
import { refuse, type S3Bucket, s3Bucket } from './s3-bucket.ts';
import { judgeSignature } from './signature-v4.ts';

const secret = 'the secret access key';

/** A bucket whose lists have two keys a page, what puts there, and what removes. */
const newBucket = async () => {
  const bucket = await s3Bucket(2);
  onTestFinished(() => bucket[Symbol.asyncDispose]());
  const settings = {
    bucket: 'derived',
    endpoint: bucket.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret },
  };
  return { bucket, store: s3ObjectStore(settings), remover: s3ObjectRemover(settings) };
};

const filled = async () => {
  const made = await newBucket();
  for (const n of [0, 1, 2, 3, 4]) {
    await made.store.putIfAbsent(`export/7/lines/${n}`, Uint8Array.of(n));
  }
  return made;
};

const said = ({ requests }: S3Bucket): readonly string[] =>
  requests
    .filter(({ method }) => method !== 'PUT')
    .map(({ method, url }) => `${method} ${decodeURIComponent(url ?? '')}`);

const listing =
  (document: string): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(200).end(document));
  };

const reset: Respond = (request) => {
  request.socket.resetAndDestroy();
};

objectRemoverContract('s3ObjectRemover over a bucket of the test', newBucket);

describe('removing objects of S3', () => {
  it('lists page by page below the folder, and deletes one by one', async () => {
    const { bucket, remover } = await filled();
    await remover.removeBelow('export/7');
    const list = 'GET /derived?list-type=2&prefix=export/7/';
    expect(said(bucket)).toEqual([
      list,
      'DELETE /derived/export/7/lines/0',
      'DELETE /derived/export/7/lines/1',
      `${list}&start-after=export/7/lines/1`,
      'DELETE /derived/export/7/lines/2',
      'DELETE /derived/export/7/lines/3',
      `${list}&start-after=export/7/lines/3`,
      'DELETE /derived/export/7/lines/4',
    ]);
    expect(bucket.objects.size).toBe(0);
  });

  it('signs a list with all that it asks for', async () => {
    const { bucket, remover } = await newBucket();
    await remover.removeBelow('export/7');
    const [request] = bucket.requests;
    const headers = Object.fromEntries(
      Object.entries(request?.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    const sent = { method: 'GET', path: request?.url ?? '', headers, body: '' };
    expect(judgeSignature(sent, secret).holds).toBe(true);
    const other = sent.path.replace('7', '8');
    expect(judgeSignature({ ...sent, path: other }, secret).holds).toBe(false);
  });

  it.each([
    ['a call to slow down', refuse(503, 'SlowDown')],
    ['a connection that is reset', reset],
    ['a list that is cut short', listing('<ListBucketResult><Contents><Key>export/7/a</Key>')],
  ] as const)('is tried again after %s', async (_, failing) => {
    const { bucket, remover } = await filled();
    bucket.next(failing, failing);
    await remover.removeBelow('export/7');
    expect(bucket.objects.size).toBe(0);
  });

  it('is done when a deletion was kept and its answer lost', async () => {
    const { bucket, remover } = await filled();
    bucket.next('as S3', 'kept but not acknowledged');
    await remover.removeBelow('export/7');
    expect(bucket.objects.size).toBe(0);
  });

  it.each([
    ['the list', []],
    ['a deletion', ['as S3', 'as S3']],
  ] as const)('is told as store-unavailable where %s is not allowed', async (_, before) => {
    const { bucket, remover } = await filled();
    bucket.next(...before, refuse(403, 'AccessDenied'));
    await expect(remover.removeBelow('export/7')).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(bucket.objects.size).toBeGreaterThan(0);
    await remover.removeBelow('export/7');
    expect(bucket.objects.size).toBe(0);
  });

  it('deletes nothing that it did not ask for, whatever a list says', async () => {
    const { bucket, store, remover } = await newBucket();
    await store.putIfAbsent('index/0/segment/0', Uint8Array.of(1));
    const foreign = '<ListBucketResult><Key>index/0/segment/0</Key></ListBucketResult>';
    bucket.next(listing(foreign));
    await expect(remover.removeBelow('export/7')).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(bucket.objects.size).toBe(1);
  });
});
