import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsJsonSettings, awsJsonClient } from '#functions/runtime/aws-json.ts';
import { listen, type Respond, textOf } from './http-listener.ts';
import { judgeSignature } from './signature-v4.ts';

const settings = {
  service: 'dynamodb',
  target: 'DynamoDB_20120810',
  contentType: 'application/x-amz-json-1.0',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'the secret access key' },
} as const satisfies Omit<AwsJsonSettings, 'endpoint'>;

/** Answers with a status and a text, whatever was asked. */
const say =
  (status: number, body: string): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status).end(body));
  };

/** Answers each request with the next of these, and with the last for ever. */
const inTurn = (...answers: readonly Respond[]): Respond => {
  let turn = 0;
  return (request, response) => {
    const answer = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    answer?.(request, response);
  };
};

const reset = (request: IncomingMessage): void => {
  request.socket.resetAndDestroy();
};

const hang = (request: IncomingMessage): void => {
  request.resume();
};

const error = (type: string, status = 400): Respond =>
  say(status, JSON.stringify({ ['__type']: type }));
const ok = say(200, '{"fine":true}');

afterEach(() => {
  vi.useRealTimers();
});

describe('the verifier of these tests', () => {
  // "get-vanilla" and "post-vanilla" of the AWS Signature Version 4 test suite.
  it.each([
    ['GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ])('agrees with the test suite of AWS about a %s', (method, signature) => {
    const headers = {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    };
    const request = { method, path: '/', headers, body: '' };
    const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
    expect(judgeSignature(request, secret).holds).toBe(true);
    expect(judgeSignature({ ...request, body: ' ' }, secret).holds).toBe(false);
    expect(judgeSignature(request, `${secret}x`).holds).toBe(false);
  });
});

describe('a call', () => {
  /** Makes one call and hands over what the service received. */
  const received = async (credentials: AwsJsonSettings['credentials'] = settings.credentials) => {
    const got = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
    const note = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      got.resolve({ request, body: await textOf(request) });
      response.end('{}');
    };
    await using service = await listen((request, response) => {
      note(request, response).catch(got.reject);
    });
    const call = awsJsonClient({ ...settings, credentials, endpoint: service.url });
    await call('PutItem', { TableName: 'journal', Item: { a: { S: 'سلام' } } });
    const { request, body } = await got.promise;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    return { method: request.method ?? '', path: request.url ?? '', headers, body };
  };

  it('is a POST of the input as JSON that names its operation', async () => {
    const { method, path, headers, body } = await received();
    expect([method, path]).toEqual(['POST', '/']);
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-length': String(Buffer.byteLength(body)),
    });
    expect(JSON.parse(body)).toEqual({ TableName: 'journal', Item: { a: { S: 'سلام' } } });
  });

  it('is signed over its host, target, time and body, so that AWS takes it', async () => {
    const request = await received();
    const judged = judgeSignature(request, settings.credentials.secretAccessKey);
    expect(judged).toMatchObject({
      holds: true,
      id: 'AKIDEXAMPLE',
      region: 'eu-central-1',
      service: 'dynamodb',
    });
    expect(judged.signedHeaders).toEqual(
      expect.arrayContaining(['host', 'x-amz-date', 'x-amz-target']),
    );
    expect(request.headers['host']).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(judgeSignature({ ...request, body: '{}' }, 'the secret access key').holds).toBe(false);
  });

  it('sends the token of a session, and signs it too', async () => {
    const request = await received({ ...settings.credentials, sessionToken: 'session' });
    const { holds, signedHeaders } = judgeSignature(request, 'the secret access key');
    expect(request.headers['x-amz-security-token']).toBe('session');
    expect(holds).toBe(true);
    expect(signedHeaders).toContain('x-amz-security-token');
    expect((await received()).headers).not.toHaveProperty('x-amz-security-token');
  });

  it('shows its secret nowhere', async () => {
    expect(JSON.stringify(await received())).not.toContain('the secret');
  });
});

/** Makes one call to a service that answers so; counts the requests. */
const outcomeOf = async (respond: Respond) => {
  await using service = await listen(respond);
  const call = awsJsonClient({ ...settings, endpoint: service.url });
  const result = await call('GetItem', {}).then(
    (answer) => ({ answer, failure: undefined }),
    (failure: unknown) => ({ answer: undefined, failure }),
  );
  return { ...result, asked: service.requests.length };
};

describe('a failure that may pass', () => {
  it.each([
    ['throttling', error('com.amazonaws.dynamodb.v20120810#ThrottlingException')],
    ['too much throughput', error('ProvisionedThroughputExceededException')],
    ['too many requests', error('x#RequestLimitExceeded')],
    ['a transaction in progress', error('TransactionInProgressException')],
    ['an internal error', error('InternalServerError', 500)],
    ['a 500 without a document', say(500, '{}')],
    ['a 503 of something in between', say(503, '<html>')],
    ['a 200 that is not JSON', say(200, '<html>')],
    ['an empty 200', say(200, '')],
    ['a connection that is reset', reset],
    [
      'an answer that is cut off',
      (request, response) => {
        request.resume();
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"half"', () => response.destroy());
      },
    ],
  ] satisfies readonly (readonly [string, Respond])[])(
    'is tried again after %s',
    async (_, failing) => {
      expect(await outcomeOf(inTurn(failing, ok))).toMatchObject({
        answer: { fine: true },
        asked: 2,
      });
      expect(await outcomeOf(inTurn(failing, failing, ok))).toMatchObject({
        answer: { fine: true },
        asked: 3,
      });
    },
  );

  it.each([
    ['ThrottlingException', error('x#ThrottlingException')],
    ['Http500', say(500, '{}')],
    ['AnswerNotJson', say(200, 'no')],
    ['Network', reset],
  ] satisfies readonly (readonly [string, Respond])[])(
    'is given up after three tries, as %s',
    async (code, failing) => {
      const { failure, asked } = await outcomeOf(failing);
      expect(failure).toMatchObject({ name: 'AwsError', code, transient: true });
      expect(asked).toBe(3);
    },
  );

  it('is also that nobody listens', async () => {
    const service = await listen(ok);
    await service[Symbol.asyncDispose]();
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    await expect(call('GetItem', {})).rejects.toMatchObject({
      code: 'Network',
      cause: { code: 'ECONNREFUSED' },
    });
  });
});

describe('a refusal', () => {
  it.each([
    'ConditionalCheckFailedException',
    'ValidationException',
    'ResourceNotFoundException',
    'AccessDeniedException',
    'UnrecognizedClientException',
  ])('%s is final', async (code) => {
    const { failure, asked } = await outcomeOf(error(`com.amazonaws.dynamodb.v20120810#${code}`));
    expect(failure).toMatchObject({ name: 'AwsError', code, transient: false });
    expect(asked).toBe(1);
  });

  it('hands over its document, which may hold what stands there', async () => {
    const document = { ['__type']: 'ConditionalCheckFailedException', Item: { pk: { S: 'x' } } };
    const { failure } = await outcomeOf(say(400, JSON.stringify(document)));
    expect(failure).toMatchObject({ body: document });
    expect(failure).toHaveProperty('message', 'AWS call failed: ConditionalCheckFailedException');
  });

  it.each([
    ['null', 'Http400'],
    ['[]', 'Http400'],
    ['{"__type":7}', 'Http400'],
  ])('whose document is %s has the name of its status', async (body, code) => {
    expect((await outcomeOf(say(400, body))).failure).toMatchObject({ code, transient: false });
  });

  it('is also an answer of more than four mebibytes: the rest of it is not read', async () => {
    const cut = Promise.withResolvers<number>();
    await using service = await listen((request, response) => {
      request.resume();
      const { socket } = request;
      socket.once('close', () => cut.resolve(socket.bytesWritten));
      const chunk = Buffer.alloc(65_536, 'x');
      const pump = (): void => {
        response.write(chunk, (failed) => failed ?? (response.destroyed || pump()));
      };
      pump();
    });
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    await expect(call('Query', {})).rejects.toMatchObject({
      code: 'AnswerTooLarge',
      transient: false,
    });
    expect(service.requests).toHaveLength(1);
    // What lies in the buffers of the two sockets was sent and not read.
    expect(await cut.promise).toBeLessThan(4_194_304 + 16_777_216);
  });

  it('is not an answer of exactly four mebibytes', async () => {
    const text = JSON.stringify('x'.repeat(4_194_304 - 2));
    expect(await outcomeOf(say(200, text))).toMatchObject({ asked: 1, failure: undefined });
  });
});

/** Milliseconds between two tries, at the most. */
const longestPause = 400;

describe('a try', () => {
  /** A service that does this with every request, and the moment at which the nth has come. */
  const serviceThat = async (respond: Respond) => {
    const come = [1, 2, 3].map(() => Promise.withResolvers<IncomingMessage>());
    let count = 0;
    const service = await listen((request, response) => {
      respond(request, response);
      come[count]?.resolve(request);
      count += 1;
    });
    return { ...service, come: come.map(({ promise }) => promise) };
  };

  const closed = async ({ socket }: IncomingMessage): Promise<void> => {
    if (!socket.destroyed) await once(socket, 'close');
  };

  it('is given up after two seconds of silence, and made again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using service = await serviceThat(inTurn(hang, ok));
    const answer = awsJsonClient({ ...settings, endpoint: service.url })('GetItem', {});
    const first = await service.come[0];
    await vi.advanceTimersByTimeAsync(1999);
    expect(first?.socket.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    if (first !== undefined) await closed(first);
    await vi.advanceTimersByTimeAsync(longestPause);
    expect(await answer).toEqual({ fine: true });
    expect(service.requests).toHaveLength(2);
  });

  it('is given up when its answer drips; the third is the last', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using service = await serviceThat((request, response) => {
      request.resume();
      response.writeHead(200);
      response.write('{');
    });
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    const failure = call('GetItem', {}).catch((cause: unknown) => cause);
    for (const one of service.come) {
      const request = await one;
      await vi.advanceTimersByTimeAsync(2000);
      await closed(request);
      await vi.advanceTimersByTimeAsync(longestPause);
    }
    expect(await failure).toMatchObject({ code: 'Network', transient: true });
    expect(service.requests).toHaveLength(3);
  });
});

describe('the connection', () => {
  it('is kept for the next call', async () => {
    await using service = await listen(ok);
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    for (let n = 0; n < 20; n += 1) await call('GetItem', {});
    expect(service.requests).toHaveLength(20);
    expect(service.sockets).toHaveLength(1);
  });

  it('is kept after a refusal, too', async () => {
    await using service = await listen(inTurn(error('ValidationException'), ok));
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    await expect(call('PutItem', {})).rejects.toMatchObject({ code: 'ValidationException' });
    await call('GetItem', {});
    expect(service.sockets).toHaveLength(1);
  });

  it('is made anew for calls at the same time', async () => {
    const waiting: ServerResponse[] = [];
    await using service = await listen((request, response) => {
      request.resume();
      waiting.push(response);
      if (waiting.length === 5) for (const one of waiting) one.end('{}');
    });
    const call = awsJsonClient({ ...settings, endpoint: service.url });
    await Promise.all(Array.from({ length: 5 }, () => call('GetItem', {})));
    expect(service.sockets).toHaveLength(5);
  });
});
