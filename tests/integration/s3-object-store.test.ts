import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type S3Settings,
  s3Address,
  s3ObjectStore,
} from '#functions/runtime/objects/s3-object-store.ts';
import { objectStoreContract } from '#tests/contract/object-store-contract.ts';
import { type Respond, textOf } from './http-listener.ts';
import { refuse, type S3Bucket, s3Bucket, type Turn } from './s3-bucket.ts';
import { judgeSignature } from './signature-v4.ts';

const secret = 'the secret access key';
const region = 'eu-central-1';
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret };

/** A bucket that is gone after the test, and a store of objects in it. */
const newStore = async (more: Partial<S3Settings> = {}) => {
  const bucket = await s3Bucket();
  onTestFinished(() => bucket[Symbol.asyncDispose]());
  const settings = { bucket: 'log', endpoint: bucket.url, region, credentials };
  return { bucket, store: s3ObjectStore({ ...settings, ...more }) };
};

const text = (object: Uint8Array | 'written' | undefined): string =>
  object instanceof Uint8Array ? Buffer.from(object).toString('utf8') : String(object);

const methods = ({ requests }: S3Bucket): string => requests.map(({ method }) => method).join(' ');

const one = Buffer.from('one');
const two = Buffer.from('two');
const three = Buffer.from('three');

const unavailable = {
  name: 'store-unavailable',
  detail: 'The objects cannot be reached.',
  extras: { retryAfter: 2 },
};

afterEach(() => {
  vi.useRealTimers();
});

objectStoreContract(
  's3ObjectStore over a bucket of the test',
  async () => (await newStore()).store,
);

describe('a request to S3', () => {
  /** What one call sends, to a service that keeps nothing. */
  const sent = async (
    use: (store: ReturnType<typeof s3ObjectStore>) => Promise<unknown>,
    more: Partial<S3Settings> = {},
  ) => {
    const { bucket, store } = await newStore(more);
    const got = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
    bucket.next((request, response) => {
      textOf(request)
        .then((body) => got.resolve({ request, body }))
        .then(() => response.writeHead(200, { etag: '"e"', 'content-length': 0 }).end())
        .catch(got.reject);
    });
    await use(store);
    const { request, body } = await got.promise;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    return { method: request.method ?? '', path: request.url ?? '', headers, body };
  };

  it('puts an object under its bucket and key, on condition that nothing stands there', async () => {
    const { method, path, headers, body } = await sent((store) =>
      store.putIfAbsent('tile/entries/x001/067.p/8', one),
    );
    expect([method, path, body]).toEqual(['PUT', '/log/tile/entries/x001/067.p/8', 'one']);
    expect(headers).toMatchObject({
      'if-none-match': '*',
      'content-length': '3',
      'content-type': 'application/octet-stream',
      'x-amz-checksum-sha256': createHash('sha256').update('one').digest('base64'),
      'x-amz-content-sha256': createHash('sha256').update('one').digest('hex'),
    });
    expect(headers).not.toHaveProperty('if-match');
  });

  it('is signed over its condition and its checksum, so that nobody can take them away', async () => {
    const request = await sent((store) => store.putIfAbsent('a', one));
    const judged = judgeSignature(request, secret);
    expect(judged).toMatchObject({ holds: true, id: 'AKIDEXAMPLE', region, service: 's3' });
    expect(judged.signedHeaders).toEqual(
      expect.arrayContaining(['host', 'if-none-match', 'x-amz-checksum-sha256', 'x-amz-date']),
    );
    expect(judgeSignature({ ...request, path: '/log/b' }, secret).holds).toBe(false);
    expect(JSON.stringify(request)).not.toContain('the secret');
  });

  it('sends the token of a session, and signs it too', async () => {
    const request = await sent((store) => store.get('a'), {
      credentials: { ...credentials, sessionToken: 'session' },
    });
    expect(request).toMatchObject({
      method: 'GET',
      path: '/log/a',
      headers: { 'x-amz-security-token': 'session', 'x-amz-checksum-mode': 'ENABLED' },
    });
    const { holds, signedHeaders } = judgeSignature(request, secret);
    expect(holds).toBe(true);
    expect(signedHeaders).toContain('x-amz-security-token');
  });

  it('goes to the host of the bucket on AWS, and to a path at an endpoint of its own', () => {
    expect(s3Address({ bucket: 'log', region })).toEqual({
      endpoint: 'https://log.s3.eu-central-1.amazonaws.com',
      start: '',
    });
    expect(s3Address({ bucket: 'log', region, endpoint: 'http://10.0.0.1:9000' })).toEqual({
      endpoint: 'http://10.0.0.1:9000',
      start: '/log',
    });
  });

  it('is not made for a key that is none', async () => {
    const { bucket, store } = await newStore();
    await expect(store.get('../other/key')).rejects.toThrow(TypeError);
    await expect(store.putIfAbsent('a?b', one)).rejects.toThrow(TypeError);
    expect(bucket.requests).toHaveLength(0);
  });

  it('replaces an object on condition that the very one that was compared still stands', async () => {
    const { bucket, store } = await newStore();
    await store.putIfAbsent('checkpoint', one);
    await store.replace('checkpoint', one, two);
    const [, , last] = bucket.requests;
    expect(methods(bucket)).toBe('PUT GET PUT');
    expect(last?.headers['if-match']).toBe(`"${createHash('md5').update('one').digest('hex')}"`);
    expect(last?.headers).not.toHaveProperty('if-none-match');
  });
});

/** A 200 with these headers and this text. */
const found =
  (headers: Readonly<Record<string, string | number>>, body: string): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(200, headers).end(body));
  };

const reset: Respond = (request) => {
  request.socket.resetAndDestroy();
};

const cutOff: Respond = (request, response) => {
  request.resume();
  response.writeHead(200, { etag: '"e"', 'content-length': 100 });
  response.write('half', () => response.destroy());
};

const whole = { etag: '"e"', 'content-length': 3 };

describe('a failure of S3 that may pass', () => {
  it.each([
    ['two conditional writes at once', refuse(409, 'ConditionalRequestConflict')],
    ['another operation at once', refuse(409, 'OperationAborted')],
    ['a request that took too long', refuse(400, 'RequestTimeout')],
    ['an internal error', refuse(500, 'InternalError')],
    ['a call to slow down', refuse(503, 'SlowDown')],
    ['a connection that is reset', reset],
    ['an answer that is cut off', cutOff],
  ] satisfies readonly (readonly [string, Turn])[])(
    'is tried again after %s',
    async (_, failing) => {
      const { bucket, store } = await newStore();
      bucket.objects.set('/log/a', one);
      bucket.next(failing);
      expect(text(await store.get('a'))).toBe('one');
      expect(methods(bucket)).toBe('GET GET');
      bucket.next(failing, failing);
      expect(await store.putIfAbsent('b', two)).toBe('written');
      expect(methods(bucket)).toBe('GET GET PUT PUT PUT');
      expect(text(bucket.objects.get('/log/b'))).toBe('two');
    },
  );

  it.each([
    ['an answer that does not say how long it is', found({ etag: '"e"' }, 'one')],
    ['an answer without an ETag', found({ 'content-length': 3 }, 'one')],
    [
      'an object of another checksum',
      found({ ...whole, 'x-amz-checksum-sha256': 'x'.repeat(43) }, 'one'),
    ],
  ] satisfies readonly (readonly [string, Turn])[])(
    'is tried again after reading %s',
    async (_, failing) => {
      const { bucket, store } = await newStore();
      bucket.objects.set('/log/a', one);
      bucket.next(failing, failing);
      expect(text(await store.get('a'))).toBe('one');
      expect(methods(bucket)).toBe('GET GET GET');
      bucket.next(failing, failing, failing);
      await expect(store.get('a')).rejects.toMatchObject(unavailable);
    },
  );

  it.each([
    ['503', refuse(503, 'SlowDown')],
    ['409', refuse(409, 'ConditionalRequestConflict')],
    ['reset', reset],
  ] satisfies readonly (readonly [string, Turn])[])(
    'is told as store-unavailable when it does not pass (%s): three tries, no more',
    async (_, failing) => {
      const { bucket, store } = await newStore();
      for (const call of [
        () => store.get('a'),
        () => store.putIfAbsent('a', one),
        () => store.replace('a', undefined, one),
        () => store.replace('a', two, one),
      ]) {
        const before = bucket.requests.length;
        bucket.next(failing, failing, failing);
        await expect(call()).rejects.toMatchObject(unavailable);
        expect(bucket.requests.length - before).toBe(3);
      }
      expect(bucket.objects.size).toBe(0);
    },
  );
});

describe('a part of an object of S3', () => {
  const answering =
    (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Respond =>
    (request, response) => {
      request.resume();
      const said = { 'content-length': String(body.length), ...headers };
      request.once('end', () => response.writeHead(status, said).end(body));
    };
  const place = { offset: 1, length: 2 };

  it('is cut out of the whole where a store knows no ranges', async () => {
    const { bucket, store } = await newStore();
    bucket.next(answering(200, 'three'));
    expect(text(await store.get('a', place))).toBe('hr');
    expect(bucket.requests.map(({ headers }) => headers.range)).toEqual(['bytes=1-2']);
  });

  it.each([
    ['of another range', answering(206, 'hr', { 'content-range': 'bytes 2-3/5' })],
    ['that says of no range', answering(206, 'hr')],
    ['of more than was asked for', answering(206, 'hre', { 'content-range': 'bytes 1-3/5' })],
    ['of another length than it says', answering(206, 'hr', { 'content-length': '3' })],
    ['that there is no such bucket', refuse(404, 'NoSuchBucket')],
    ['that the range is none', refuse(400, 'InvalidArgument')],
  ] satisfies readonly (readonly [string, Turn])[])(
    'is never made of an answer %s',
    async (_, answer) => {
      const { bucket, store } = await newStore();
      bucket.next(answer, answer, answer);
      await expect(store.get('a', place)).rejects.toMatchObject(unavailable);
    },
  );
});

describe('a refusal of S3', () => {
  const mute =
    (status: number, body: string): Respond =>
    (request, response) => {
      request.resume();
      request.once('end', () => response.writeHead(status).end(body));
    };

  it.each([
    ['a bucket that is not there', refuse(404, 'NoSuchBucket')],
    ['a 404 of something in between', mute(404, '<html>Not found</html>')],
    ['an empty 404', mute(404, '')],
    ['a missing permission', refuse(403, 'AccessDenied')],
    ['a condition nobody can judge', refuse(501, 'NotImplemented')],
    ['a 412 that is no document of S3', mute(412, '{"Code":"PreconditionFailed"}')],
    ['a condition that failed, of a read', refuse(412, 'PreconditionFailed')],
    ['a way elsewhere', refuse(301, 'PermanentRedirect')],
  ] satisfies readonly (readonly [string, Turn])[])(
    'is never taken for a key without an object: %s',
    async (_, refusal) => {
      const { bucket, store } = await newStore();
      bucket.next(refusal, refusal, refusal);
      const failure = await store.get('a').catch((cause: unknown) => cause);
      expect(failure).toMatchObject(unavailable);
      expect(JSON.stringify(failure)).not.toContain('log/a');
    },
  );

  it('is not tried again when it cannot pass', async () => {
    const { bucket, store } = await newStore();
    bucket.next(refuse(403, 'AccessDenied'));
    await expect(store.putIfAbsent('a', one)).rejects.toMatchObject(unavailable);
    expect(methods(bucket)).toBe('PUT');
  });

  it('is also an answer of more than 64 MiB', async () => {
    const { bucket, store } = await newStore();
    const tooLarge = 67_108_865;
    bucket.next((request, response) => {
      request.resume();
      response.writeHead(200, { etag: '"e"', 'content-length': tooLarge });
      response.end(Buffer.alloc(tooLarge));
    });
    await expect(store.get('a')).rejects.toMatchObject(unavailable);
    expect(methods(bucket)).toBe('GET');
  });

  it('is not an answer of 64 MiB', async () => {
    const { bucket, store } = await newStore();
    bucket.objects.set('/log/a', Buffer.alloc(67_108_864));
    expect(await store.get('a')).toHaveLength(67_108_864);
  });
});

describe('a write that is kept and not acknowledged', () => {
  const lost = 'kept but not acknowledged';

  it('meets itself when it is tried again', async () => {
    const { bucket, store } = await newStore();
    bucket.next(lost, lost);
    expect(await store.putIfAbsent('a', one)).toBe('written');
    expect(methods(bucket)).toBe('PUT PUT PUT GET');
    bucket.next('as S3', lost);
    expect(await store.replace('a', one, two)).toBe('written');
    expect(methods(bucket)).toBe('PUT PUT PUT GET GET PUT PUT GET');
    expect(text(bucket.objects.get('/log/a'))).toBe('two');
  });

  it('may have been kept when all three tries are lost; the same write again settles it', async () => {
    const { bucket, store } = await newStore();
    bucket.next(lost, lost, lost);
    await expect(store.putIfAbsent('a', one)).rejects.toMatchObject(unavailable);
    expect(await store.putIfAbsent('a', one)).toBe('written');
    bucket.next('as S3', lost, lost, lost);
    await expect(store.replace('a', one, two)).rejects.toMatchObject(unavailable);
    expect(await store.replace('a', one, two)).toBe('written');
    expect(text(await store.get('a'))).toBe('two');
  });

  it('is not taken for written when another one came in between', async () => {
    const { bucket, store } = await newStore();
    bucket.objects.set('/log/a', one);
    bucket.next('as S3', (request) => {
      bucket.objects.set('/log/a', three);
      request.socket.resetAndDestroy();
    });
    expect(await store.replace('a', one, two)).toEqual({ standing: three });
  });
});

describe('a replacement, between its comparison and its write,', () => {
  /** The bucket changes by another's hand as the write arrives. */
  const meanwhile = async (change: (objects: Map<string, Buffer>) => void) => {
    const { bucket, store } = await newStore();
    bucket.objects.set('/log/a', one);
    bucket.next((request, response) => {
      request.resume();
      const object = one;
      const etag = `"${createHash('md5').update(object).digest('hex')}"`;
      response.writeHead(200, { etag, 'content-length': object.length }).end(object);
      change(bucket.objects);
    });
    return { bucket, answer: await store.replace('a', one, two) };
  };

  it('gives way to another', async () => {
    const { bucket, answer } = await meanwhile((objects) => objects.set('/log/a', three));
    expect(answer).toEqual({ standing: three });
    expect(text(bucket.objects.get('/log/a'))).toBe('three');
  });

  it('is content with its like', async () => {
    const { answer } = await meanwhile((objects) => objects.set('/log/a', two));
    expect(answer).toBe('written');
  });

  it('does not bring back what was taken away', async () => {
    const { bucket, answer } = await meanwhile((objects) => objects.delete('/log/a'));
    expect(answer).toEqual({ standing: undefined });
    expect(bucket.objects.size).toBe(0);
  });
});

/** Milliseconds between two tries, at the most. */
const longestPause = 400;

describe('a try', () => {
  it('is given up after ten seconds of silence; the third is the last', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { bucket, store } = await newStore();
    const come = [1, 2, 3].map(() => Promise.withResolvers<IncomingMessage>());
    bucket.next(
      ...come.map(
        ({ resolve }): Respond =>
          (request) => {
            request.resume();
            resolve(request);
          },
      ),
    );
    const failure = store.get('a').catch((cause: unknown) => cause);
    const first = await come[0]?.promise;
    await vi.advanceTimersByTimeAsync(9999);
    expect(first?.socket.destroyed).toBe(false);
    for (const { promise } of come) {
      const { socket } = await promise;
      await vi.advanceTimersByTimeAsync(10_000);
      if (!socket.destroyed) await once(socket, 'close');
      await vi.advanceTimersByTimeAsync(longestPause);
    }
    expect(await failure).toMatchObject(unavailable);
    expect(bucket.requests).toHaveLength(3);
  });
});
