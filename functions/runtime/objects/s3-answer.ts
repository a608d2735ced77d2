import type { IncomingMessage } from 'node:http';
import type { ByteRange } from '#shared/audit/ports.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { AwsError } from '../aws-http.ts';
import { readAnswer } from '../read-answer.ts';

/** An object, and the tag by which a condition names these bytes under its key. */
export type Found = { readonly bytes: Uint8Array; readonly etag: string };

/** The most bytes of an answer that are read: 64 MiB. */
const maxAnswer = 67_108_864;

/** Refusals below 500 that may pass; the first, of two conditional writes at the same time. */
const passing = new Set(['ConditionalRequestConflict', 'OperationAborted', 'RequestTimeout']);

const readBody = async (answer: IncomingMessage): Promise<Uint8Array> => {
  const bytes = await readAnswer(answer, maxAnswer);
  if (bytes === undefined) throw new AwsError('AnswerTooLarge', false, undefined);
  return bytes;
};

/** The status of an answer, and what its XML document says in `Code`, where it has one. */
const refusalOf = ({ statusCode = 0 }: IncomingMessage, bytes: Uint8Array): string => {
  const document = Buffer.from(bytes).toString('latin1');
  const code = /<Code>(?<code>[A-Za-z0-9]{1,64})<\/Code>/.exec(document)?.groups?.['code'];
  return `${statusCode} ${code ?? ''}`.trim();
};

const toError = (refusal: string): AwsError => {
  const [status, code] = refusal.split(' ');
  const passes = Number(status) >= 500 || (code !== undefined && passing.has(code));
  return new AwsError(code ?? `Http${status}`, passes, undefined);
};

/** That all of the object came, and as it was put, where the store kept its checksum. */
const checkWhole = ({ headers }: IncomingMessage, bytes: Uint8Array): void => {
  if (headers['content-length'] !== String(bytes.length)) {
    throw new AwsError('AnswerOfAnotherLength', true, undefined);
  }
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && Buffer.from(sha256(bytes)).toString('base64') !== checksum) {
    throw new AwsError('AnswerOfAnotherChecksum', true, undefined);
  }
};

/** What GetObject found; undefined for a key without an object. Rejects with an {@link AwsError}. */
export const judgeGet = async (answer: IncomingMessage): Promise<Found | undefined> => {
  const bytes = await readBody(answer);
  if (answer.statusCode === 200) {
    checkWhole(answer, bytes);
    const { etag } = answer.headers;
    if (etag === undefined) throw new AwsError('AnswerWithoutETag', true, undefined);
    return { bytes, etag };
  }
  const refusal = refusalOf(answer, bytes);
  if (refusal === '404 NoSuchKey') return undefined;
  throw toError(refusal);
};

/**
 * What GetObject found of a range; undefined for a key without an object. Stores may answer with the
 * whole of it (RFC 9110 §14.2). Rejects with an {@link AwsError}.
 */
export const judgePart =
  ({ offset, length }: ByteRange) =>
  async (answer: IncomingMessage): Promise<Uint8Array | undefined> => {
    const bytes = await readBody(answer);
    const { statusCode, headers } = answer;
    if (statusCode === 200 || statusCode === 206) {
      checkWhole(answer, bytes);
      if (statusCode === 200) return bytes.subarray(offset, offset + length);
      const isThere = headers['content-range']?.startsWith(`bytes ${offset}-`) === true;
      if (isThere && bytes.length <= length) return bytes;
      throw new AwsError('AnswerOfAnotherRange', true, undefined);
    }
    const refusal = refusalOf(answer, bytes);
    if (refusal === '404 NoSuchKey') return undefined;
    // The object ends before the range begins.
    if (refusal === '416 InvalidRange') return new Uint8Array();
    throw toError(refusal);
  };

/**
 * Whether the condition of a PutObject held: If-Match of a key without an object is a 404. Rejects
 * with an {@link AwsError}.
 */
export const judgePut = async (answer: IncomingMessage): Promise<boolean> => {
  const bytes = await readBody(answer);
  if (answer.statusCode === 200) return true;
  const refusal = refusalOf(answer, bytes);
  if (refusal === '412 PreconditionFailed' || refusal === '404 NoSuchKey') return false;
  throw toError(refusal);
};

/** Keys of objects, and whether there are more behind them. */
export type Listed = { readonly keys: readonly string[]; readonly more: boolean };

/** What ListObjectsV2 found, of keys that need no escape. Rejects with an {@link AwsError}. */
export const judgeList = async (answer: IncomingMessage): Promise<Listed> => {
  const bytes = await readBody(answer);
  if (answer.statusCode !== 200) throw toError(refusalOf(answer, bytes));
  const document = Buffer.from(bytes).toString('utf8');
  if (!document.trimEnd().endsWith('</ListBucketResult>')) {
    throw new AwsError('ListCutShort', true, undefined);
  }
  return {
    keys: [...document.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key),
    more: document.includes('<IsTruncated>true</IsTruncated>'),
  };
};

/** That DeleteObject left nothing. Rejects with an {@link AwsError}. */
export const judgeDelete = async (answer: IncomingMessage): Promise<void> => {
  const bytes = await readBody(answer);
  if (answer.statusCode === 204 || answer.statusCode === 200) return;
  const refusal = refusalOf(answer, bytes);
  if (refusal !== '404 NoSuchKey') throw toError(refusal);
};
