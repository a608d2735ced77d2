import { keySegments } from '#shared/audit/object-key.ts';
import { checkObjectSize } from '#shared/audit/object-size.ts';
import type { ByteRange, ObjectStore } from '#shared/audit/ports.ts';
import { equalBytes, sha256 } from '#shared/kernel/bytes.ts';
import { type AwsSend, awsSender, type Credentials } from '../aws-http.ts';
import { type Found, judgeGet, judgePart, judgePut } from './s3-answer.ts';
import { objectsUnavailable } from './unavailable.ts';

export type S3Settings = {
  readonly bucket: string;
  /** Another S3-compatible store than AWS's own; its path names the bucket, not its host. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly credentials: Credentials;
};

/** Milliseconds that one try may take: time for 16 MiB at a slow pace. */
const tryTimeout = 10_000;

type Condition = { readonly 'If-None-Match': '*' } | { readonly 'If-Match': string };

const ifAbsent: Condition = { 'If-None-Match': '*' };

/** Keeps the checksum beside the object; a bucket with Object Lock takes none without it. */
const putHeaders = (body: Buffer): Readonly<Record<string, string>> => {
  const digest = Buffer.from(sha256(body));
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(body.length),
    'X-Amz-Content-Sha256': digest.toString('hex'),
    'x-amz-checksum-sha256': digest.toString('base64'),
  };
};

/** Where a bucket is: AWS tells buckets apart by the host, a store of one's own by the path. */
export const s3Address = ({
  bucket,
  endpoint,
  region,
}: Omit<S3Settings, 'credentials'>): { readonly endpoint: string; readonly start: string } =>
  endpoint === undefined
    ? { endpoint: `https://${bucket}.s3.${region}.amazonaws.com`, start: '' }
    : { endpoint, start: `/${bucket}` };

/**
 * Objects in a bucket of S3 or of what speaks as S3 does, each write under a condition that the
 * store itself judges. Whoever uses it must be allowed to list the bucket: without that, AWS
 * answers 403 instead of 404 for a key without an object.
 */
export const s3ObjectStore = (settings: S3Settings): ObjectStore => {
  const { region, credentials } = settings;
  const { endpoint, start } = s3Address(settings);
  const send = awsSender({ service: 's3', endpoint, region, credentials, tryTimeout });
  const pathOf = (key: string): string => `${start}/${keySegments(key).join('/')}`;

  const ask: AwsSend = async (request, judge) => {
    try {
      return await send(request, judge);
    } catch (error) {
      throw objectsUnavailable(error);
    }
  };

  /** Asks for the checksum, too. */
  const read = (path: string): Promise<Found | undefined> => {
    const headers = { 'x-amz-checksum-mode': 'ENABLED' };
    return ask({ method: 'GET', path, headers, body: '' }, judgeGet);
  };

  const readPart = (path: string, range: ByteRange): Promise<Uint8Array | undefined> => {
    const { offset, length } = range;
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    return ask({ method: 'GET', path, headers, body: '' }, judgePart(range));
  };

  /** Whether the condition held; it does not in a second try after a first that held and was lost. */
  const put = (path: string, bytes: Uint8Array, condition: Condition): Promise<boolean> => {
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headers = { ...putHeaders(body), ...condition };
    return ask({ method: 'PUT', path, headers, body }, judgePut);
  };

  const putIfAbsent = async (path: string, bytes: Uint8Array): Promise<'written' | Uint8Array> => {
    if (await put(path, bytes, ifAbsent)) return 'written';
    const standing = await read(path);
    if (standing === undefined) throw objectsUnavailable(new Error('An object went away.'));
    return equalBytes(standing.bytes, bytes) ? 'written' : standing.bytes;
  };

  const replace = async (
    path: string,
    expected: Uint8Array,
    bytes: Uint8Array,
  ): Promise<'written' | { readonly standing: Uint8Array | undefined }> => {
    const before = await read(path);
    if (before === undefined) return { standing: undefined };
    if (equalBytes(before.bytes, bytes)) return 'written';
    if (!equalBytes(before.bytes, expected)) return { standing: before.bytes };
    if (await put(path, bytes, { 'If-Match': before.etag })) return 'written';
    const after = await read(path);
    if (after === undefined) return { standing: undefined };
    return equalBytes(after.bytes, bytes) ? 'written' : { standing: after.bytes };
  };

  return {
    get: async (key, range) =>
      range === undefined ? (await read(pathOf(key)))?.bytes : readPart(pathOf(key), range),
    putIfAbsent: async (key, bytes) => {
      checkObjectSize(bytes);
      return putIfAbsent(pathOf(key), bytes);
    },
    replace: async (key, expected, bytes) => {
      checkObjectSize(bytes);
      if (expected !== undefined) return replace(pathOf(key), expected, bytes);
      const answer = await putIfAbsent(pathOf(key), bytes);
      return answer === 'written' ? answer : { standing: answer };
    },
  };
};
