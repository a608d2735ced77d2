import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { awsVariables, parseEnv } from '#functions/runtime/env.ts';
import { readWitnessEnv } from '#functions/runtime/witness/env.ts';
import { witnessLambda } from '#functions/runtime/witness/lambda.ts';
import { handler } from '#functions/witness/handler.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { pemNoteSigner } from '#shared/audit/pem-note-signer.ts';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import { formatVerifierKey, parseVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { growthOver, leavesOf, textOver } from '#tests/support/test-log.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

const origin = 'exchange.example/log/0';
const name = 'witness.example/w';
const logVkey = formatVerifierKey(noteKey(origin, 'ed25519').verifier);

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

const pem = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** A table and a key file, and the handlers of processes that use them. */
const installation = async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const keyFile = join(folder.path, 'key.pem');
  await writeFile(keyFile, pem, { mode: 0o600 });
  const variables = {
    WITNESS_NAME: name,
    WITNESS_LOGS: `${logVkey}\n`,
    WITNESS_TABLE: `witness-${crypto.randomUUID()}`,
    NOTE_KEY_FILE: keyFile,
    DYNAMODB_ENDPOINT: store?.endpoint ?? 'http://127.0.0.1:9',
    LOG_LEVEL: 'SILENT',
  };
  if (store !== undefined) {
    const call = dynamoClient(parseEnv(z.object(awsVariables), variables));
    await ensureTable(call, variables.WITNESS_TABLE);
  }
  const start = (changed: Readonly<Record<string, string>> = {}) =>
    witnessLambda(() => readWitnessEnv({ ...variables, ...changed }));
  return { start, keyFile };
};

/** An event of a function URL. */
const eventOf = (
  method: string,
  path: string,
  body: Uint8Array = new Uint8Array(),
  isBase64Encoded = true,
): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: {},
  body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8'),
  isBase64Encoded,
  requestContext: {
    accountId: 'anonymous',
    apiId: 'url',
    domainName: 'witness.example',
    domainPrefix: 'url',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'secret/1' },
    requestId: 'r-1',
    routeKey: '$default',
    stage: '$default',
    time: '15/Jan/2027:08:00:00 +0000',
    timeEpoch: 1_800_000_000_000,
  },
});

const asking = async (old: number, size: number, isBase64Encoded = true) => {
  const body = formatAddCheckpoint(await growthOver(origin, old, leavesOf(size)));
  return eventOf('POST', '/add-checkpoint', body, isBase64Encoded);
};

describe('the Lambda function of a witness', () => {
  it('cosigns what grows, and remembers it for the next process', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await installation();
    const before = Math.floor(Date.now() / 1000);
    const answer = await start()(await asking(0, 3));
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
    });
    const { verifier } = pemNoteSigner({ name, type: 'cosignature' }, pem);
    const text = textOver(origin, { leaves: leavesOf(3) });
    const line = readCosignatures(answer.body ?? '', text, verifier);
    const time = Number(Buffer.from(line?.signature ?? []).readBigUInt64BE());
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now() / 1000);

    const next = start();
    expect(await next(await asking(0, 5))).toMatchObject({
      statusCode: 409,
      headers: { 'content-type': 'text/x.tlog.size' },
      body: '3\n',
    });
    expect(await next(await asking(3, 5))).toMatchObject({ statusCode: 200 });
  });

  it('takes a body as text too', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await installation();
    expect(await start()(await asking(0, 3, false))).toMatchObject({ statusCode: 200 });
  });

  it('shows its key and those of its logs', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await installation();
    const { body = '' } = await start()(eventOf('GET', '/'));
    const shown = /^witness \S+ (?<vkey>\S+)$/m.exec(body)?.groups?.['vkey'] ?? '';
    expect(parseVerifierKey(shown)).toMatchObject({ name, type: 'cosignature' });
    expect(body).toContain(`log ${logVkey}\n`);
  });

  it.each([
    ['no checkpoint', eventOf('POST', '/add-checkpoint'), 400],
    ['another address', eventOf('POST', '/add'), 404],
    ['too much', eventOf('POST', '/add-checkpoint', new Uint8Array(300_000)), 413],
  ])('refuses %s as the core does', async (_, event, statusCode) => {
    const { start } = await installation();
    expect(await start()(event)).toMatchObject({ statusCode });
  });

  it('answers 503 while its store is away', async () => {
    const { start } = await installation();
    const away = start({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' });
    const answer = await away(await asking(0, 3));
    expect(answer).toMatchObject({ statusCode: 503 });
    expect(answer.body).toBe('Nothing was signed; try again shortly.\n');
  });

  it('answers 503 while its key is away, and then uses it', async ({ skip }) => {
    skip(missing, reason);
    const { start, keyFile } = await installation();
    await rm(keyFile);
    const started = start();
    expect(await started(await asking(0, 3))).toMatchObject({ statusCode: 503 });
    expect(await started(eventOf('GET', '/'))).toMatchObject({ statusCode: 503 });
    await writeFile(keyFile, pem);
    expect(await started(await asking(0, 3))).toMatchObject({ statusCode: 200 });
  });

  it('tells nothing of a bug', async () => {
    const { start, keyFile } = await installation();
    await writeFile(keyFile, 'secret key');
    expect(await start()(await asking(0, 3))).toMatchObject({
      statusCode: 500,
      body: 'Internal Server Error\n',
    });
  });

  it('logs origin, size and status, and nothing of the caller', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await installation();
    const lines: string[] = [];
    const spy = vi
      .spyOn(process.stdout, 'write')
      .mockImplementation((text) => lines.push(text.toString()) > 0);
    onTestFinished(() => spy.mockRestore());
    const started = start({ LOG_LEVEL: 'INFO' });
    await started(await asking(0, 3));
    await started(eventOf('POST', '/secret', Buffer.from('secret')));
    const told = lines.map((line): unknown => JSON.parse(line));
    expect(told).toMatchObject([
      { status: 200, checkpoint: { origin, size: '3' }, requestId: 'r-1' },
      { status: 404 },
    ]);
    expect(lines.join('')).not.toMatch(/secret|203\.0\.113/);
  });
});

describe('the environment of a witness', () => {
  const right = { WITNESS_NAME: name, WITNESS_LOGS: logVkey, WITNESS_TABLE: 'witness' };

  it('names its logs with white space between them', () => {
    const second = formatVerifierKey(noteKey('exchange.example/log/1', 'ed25519').verifier);
    const env = readWitnessEnv({ ...right, WITNESS_LOGS: ` ${logVkey} \n\t${second}\n` });
    expect(env.WITNESS_LOGS.map((log) => log.name)).toEqual([origin, 'exchange.example/log/1']);
  });

  it.each([
    ['WITNESS_NAME', ''],
    ['WITNESS_TABLE', ''],
    ['WITNESS_LOGS', ' '],
    ['WITNESS_LOGS', 'secret'],
    ['WITNESS_LOGS', `${logVkey}A`],
    ['NOTE_KEY_FILE', ''],
  ])('is refused when %s is %j, without its value', async (variable, value) => {
    const read = () => readWitnessEnv({ ...right, [variable]: value });
    expect(read).toThrow(new RegExp(`^The environment is not right: ${variable}: `));
    expect(read).not.toThrow(/secret|\+[0-9a-f]{8}\+/);
    await expect(witnessLambda(read)(eventOf('GET', '/'))).rejects.toThrow(variable);
  });
});

describe('the handler that is deployed', () => {
  it('reads the environment of its process', async () => {
    vi.stubEnv('WITNESS_NAME', name);
    vi.stubEnv('WITNESS_TABLE', '');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await expect(handler(eventOf('GET', '/'))).rejects.toThrow(/WITNESS_LOGS: .*WITNESS_TABLE: /);
  });
});
