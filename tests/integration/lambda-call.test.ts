import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type AwsEnv, awsVariables, parseEnv } from '#functions/runtime/env.ts';
import { lambdaClient } from '#functions/runtime/lambda-call.ts';
import { lambdaPublisher } from '#functions/runtime/log/publishing.ts';
import { lambdaSigner } from '#functions/runtime/log/signing.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { SignRequest } from '#shared/audit/sequence/ports.ts';
import { toBase64 } from '#shared/audit/tlog/base64.ts';
import { emptyRoot } from '#shared/audit/tlog/hash.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { listen, type Respond, textOf } from './http-listener.ts';
import { judgeSignature } from './signature-v4.ts';

const envAt = (url: string): AwsEnv =>
  parseEnv(z.object(awsVariables), {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'the secret access key',
    AWS_SESSION_TOKEN: 'the session',
  });

const say =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Respond =>
  (request, response) => {
    request.resume();
    request.once('end', () => response.writeHead(status, { ...headers }).end(body));
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

const failed = { 'x-amz-function-error': 'Unhandled' };
const bug = say(200, '{"errorMessage":"secret","errorType":"TypeError"}', failed);
const unavailable = { name: 'signer-unavailable', status: 503, extras: { retryAfter: 2 } };

describe('a call of a function', () => {
  it('is a signed Invoke that waits for the answer', async () => {
    const got = Promise.withResolvers<{ request: IncomingMessage; body: string }>();
    await using lambda = await listen((request, response) => {
      const note = async (): Promise<void> => {
        const body = await textOf(request);
        got.resolve({ request, body });
        response.end('{"fine":true}');
      };
      note().catch(got.reject);
    });
    const call = lambdaClient(envAt(lambda.url), 'signer-unavailable');
    const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:sign';
    expect(await call(arn, { shard: 0 })).toEqual({ fine: true });
    const { request, body } = await got.promise;
    const { method = '', url = '', headers } = request;
    expect([method, url, body]).toEqual([
      'POST',
      `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
      '{"shard":0}',
    ]);
    expect(headers).toMatchObject({
      'x-amz-invocation-type': 'RequestResponse',
      'x-amz-security-token': 'the session',
    });
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, String(value)]),
    );
    // Every service but S3 encodes the path once more for the signature.
    const path = url.replaceAll('%', '%25');
    const judged = judgeSignature({ method, path, headers: own, body }, 'the secret access key');
    expect(judged).toMatchObject({ holds: true });
    expect(headers.authorization).toContain('/eu-central-1/lambda/aws4_request');
  });

  it('is tried again when it may pass', async () => {
    await using lambda = await listen(inTurn(say(429, '{}'), reset, say(200, '{"n":3}')));
    expect(await lambdaClient(envAt(lambda.url), 'signer-unavailable')('f', {})).toEqual({ n: 3 });
    expect(lambda.requests).toHaveLength(3);
  });

  it.each([
    ['is forbidden', say(403, '{"__type":"AccessDeniedException","Message":"secret"}'), 1],
    ['names no function', say(404, '{}'), 1],
    ['meets a bug of the function', bug, 1],
    ['is answered by no JSON', say(200, 'secret'), 1],
    ['is answered at too great a length', say(200, `"${'x'.repeat(300_000)}"`), 1],
    ['is never answered', reset, 3],
    ['meets an outage', say(503, '{}'), 3],
  ])('is the problem it was told when it %s', async (_, respond, tries) => {
    await using lambda = await listen(respond);
    const call = lambdaClient(envAt(lambda.url), 'signer-unavailable');
    const error: unknown = await call('f', {}).catch((cause: unknown) => cause);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).not.toContain('secret');
    expect(lambda.requests).toHaveLength(tries);
  });

  it('is the problem that the function returned', async () => {
    await using lambda = await listen(say(200, '{"problem":"store-unavailable"}'));
    const call = lambdaClient(envAt(lambda.url), 'signer-unavailable');
    await expect(call('f', {})).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it('takes no unknown name for a problem', async () => {
    await using lambda = await listen(say(200, '{"problem":"toString"}'));
    const call = lambdaClient(envAt(lambda.url), 'signer-unavailable');
    expect(await call('f', {})).toEqual({ problem: 'toString' });
  });
});

const request: SignRequest = { shard: 0, oldSize: 1, size: 2, root: emptyRoot, proof: [emptyRoot] };

describe('the signer as a function', () => {
  const sign = (url: string) =>
    lambdaSigner(lambdaClient(envAt(url), 'signer-unavailable'), 'sign')(request);

  it.each([
    [
      { kind: 'signed', checkpoint: toBase64(utf8('note')) },
      { kind: 'signed', checkpoint: utf8('note') },
    ],
    [
      { kind: 'conflict', size: 7 },
      { kind: 'conflict', size: 7 },
    ],
    [{ kind: 'refused' }, { kind: 'refused' }],
  ])('answers %j', async (answer, expected) => {
    await using lambda = await listen(say(200, JSON.stringify(answer)));
    expect(await sign(lambda.url)).toEqual(expected);
  });

  it('is asked with hashes in base64', async () => {
    const got = Promise.withResolvers<string>();
    await using lambda = await listen((incoming, response) => {
      const note = async (): Promise<void> => {
        const body = await textOf(incoming);
        got.resolve(body);
        response.end('{"kind":"refused"}');
      };
      note().catch(got.reject);
    });
    await sign(lambda.url);
    const root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
    expect(JSON.parse(await got.promise)).toEqual({ ...request, root, proof: [root] });
  });

  it.each([
    '{}',
    'null',
    '[]',
    '{"kind":"signed"}',
    '{"kind":"signed","checkpoint":"bm90ZR=="}',
    '{"kind":"conflict","size":1.5}',
    '{"kind":"refused","more":1}',
    '{"problem":"secret"}',
  ])('is unavailable when it answers %s', async (answer) => {
    await using lambda = await listen(say(200, answer));
    await expect(sign(lambda.url)).rejects.toMatchObject({ name: 'signer-unavailable' });
  });
});

describe('the publisher as a function', () => {
  const objects = memoryObjectStore();
  const publisherAt = (url: string) =>
    lambdaPublisher(lambdaClient(envAt(url), 'store-unavailable'), 'publish', objects.store);

  it('is handed the checkpoint, and what is published is read from the objects', async () => {
    await using lambda = await listen(say(200, '{}'));
    const { publish, published } = publisherAt(lambda.url);
    await publish(0, utf8('note'));
    expect(lambda.requests).toHaveLength(1);
    expect(await published(0)).toBeUndefined();
    objects.overwrite('log/1/checkpoint', utf8('other'));
    expect(Buffer.from((await published(1)) ?? []).toString()).toBe('other');
  });

  it('stops the log where it must not go on', async () => {
    await using lambda = await listen(say(200, '{"stopped":"signer-refused"}'));
    const publishing = publisherAt(lambda.url).publish(3, utf8('note'));
    await expect(publishing).rejects.toMatchObject({
      name: 'LogStopped',
      reason: 'signer-refused',
      shard: 3,
    });
  });

  it.each([
    ['it answers otherwise', say(200, '{"fine":true}')],
    ['it cannot be reached', reset],
  ])('is unavailable when %s', async (_, respond) => {
    await using lambda = await listen(respond);
    const publishing = publisherAt(lambda.url).publish(0, utf8('note'));
    await expect(publishing).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});
