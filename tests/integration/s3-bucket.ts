/** One bucket of S3, as far as a store of objects needs it, that misbehaves when it is told to. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, listen, type Respond } from './http-listener.ts';

/** What is done with the next request: nothing of it, or all of it before its connection breaks. */
export type Turn = Respond | 'as S3' | 'kept but not acknowledged';

export type S3Bucket = Listener & {
  /** What stands, by path. */
  readonly objects: Map<string, Buffer>;
  /** Each of the next requests has its turn; every later one is done as S3 does it. */
  readonly next: (...turns: readonly Turn[]) => void;
};

/** Answers with an XML document of S3 that says what is wrong, whatever was asked. */
export const refuse =
  (status: number, code: string): Respond =>
  (request, response) => {
    request.resume();
    const document = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
    request.once('end', () => response.writeHead(status).end(document));
  };

const etagOf = (object: Buffer): string => `"${createHash('md5').update(object).digest('hex')}"`;

const checksumOf = (object: Buffer): string => createHash('sha256').update(object).digest('base64');

type Answer = {
  readonly status: number;
  readonly code?: string;
  readonly object?: Buffer;
  /** What a part of an object says of itself (RFC 9110 §14.4). */
  readonly contentRange?: string;
};

const put = (objects: Map<string, Buffer>, request: IncomingMessage, body: Buffer): Answer => {
  const { url = '', headers } = request;
  const standing = objects.get(url);
  if (headers['x-amz-checksum-sha256'] !== checksumOf(body)) {
    return { status: 400, code: 'BadDigest' };
  }
  if (headers['if-none-match'] === '*' && standing !== undefined) {
    return { status: 412, code: 'PreconditionFailed' };
  }
  const match = headers['if-match'];
  if (match !== undefined && standing === undefined) return { status: 404, code: 'NoSuchKey' };
  if (match !== undefined && standing !== undefined && match !== etagOf(standing)) {
    return { status: 412, code: 'PreconditionFailed' };
  }
  objects.set(url, body);
  return { status: 200 };
};

const get = (objects: Map<string, Buffer>, { url = '', headers }: IncomingMessage): Answer => {
  const object = objects.get(url);
  if (object === undefined) return { status: 404, code: 'NoSuchKey' };
  const range = /^bytes=(?<first>[0-9]+)-(?<last>[0-9]+)$/.exec(headers.range ?? '')?.groups;
  if (range === undefined) return { status: 200, object };
  const [first, last] = [Number(range['first']), Number(range['last'])];
  if (first >= object.length) return { status: 416, code: 'InvalidRange' };
  const part = object.subarray(first, last + 1);
  const contentRange = `bytes ${first}-${first + part.length - 1}/${object.length}`;
  return { status: 206, object: part, contentRange };
};

/** ListObjectsV2 of as many keys as a page has. */
const list = (
  objects: Map<string, Buffer>,
  page: number,
  { url = '' }: IncomingMessage,
): Answer => {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const start = `${pathname.replace(/\/$/, '')}/`;
  const after = searchParams.get('start-after') ?? '';
  const keys = [...objects.keys()]
    .flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : []))
    .filter((key) => key.startsWith(searchParams.get('prefix') ?? '') && key > after)
    .toSorted();
  const shown = keys.slice(0, page).map((key) => `<Contents><Key>${key}</Key></Contents>`);
  const more = `<IsTruncated>${String(keys.length > page)}</IsTruncated>`;
  const document = `<ListBucketResult>${more}${shown.join('')}</ListBucketResult>`;
  return { status: 200, object: Buffer.from(document) };
};

const answerTo = (
  objects: Map<string, Buffer>,
  page: number,
  request: IncomingMessage,
  body: Buffer,
): Answer => {
  if (request.method === 'PUT') return put(objects, request, body);
  if (request.method === 'DELETE') {
    objects.delete(request.url ?? '');
    return { status: 204 };
  }
  const isList = (request.url ?? '').includes('?list-type=2');
  return isList ? list(objects, page, request) : get(objects, request);
};

/** A bucket under any name, on a free port of this machine, until it is disposed of. */
export const s3Bucket = async (page = 1000): Promise<S3Bucket> => {
  const objects = new Map<string, Buffer>();
  const turns: Turn[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse, turn: Turn) => {
    const body = Buffer.concat(await request.toArray());
    const answer = answerTo(objects, page, request, body);
    const { status, code, object = Buffer.alloc(0), contentRange } = answer;
    if (turn !== 'as S3') {
      request.socket.resetAndDestroy();
      return;
    }
    const said = code === undefined ? object : Buffer.from(`<Error><Code>${code}</Code></Error>`);
    const standing = objects.get(request.url ?? '');
    response.writeHead(status, {
      // A 204 has no body, and says nothing of its length.
      ...(status !== 204 && { 'content-length': said.length }),
      ...(standing !== undefined && {
        etag: etagOf(standing),
        // It is that of the whole: S3 tells none of a part.
        ...(status !== 206 && { 'x-amz-checksum-sha256': checksumOf(standing) }),
      }),
      ...(contentRange !== undefined && { 'content-range': contentRange }),
    });
    response.end(said);
  };
  const listener = await listen((request, response) => {
    const turn = turns.shift() ?? 'as S3';
    if (typeof turn === 'function') turn(request, response);
    else serve(request, response, turn).catch(() => response.destroy());
  });
  return { ...listener, objects, next: (...more) => turns.push(...more) };
};
