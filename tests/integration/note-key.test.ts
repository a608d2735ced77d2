import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signRaw,
  verify,
} from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { awsJsonClient } from '#functions/runtime/aws-json.ts';
import { awsVariables, type NoteKeyEnv } from '#functions/runtime/env.ts';
import { openNoteSigner } from '#functions/runtime/keys/note-key.ts';
import { rawEd25519, verifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { type Listener, listen, textOf } from './http-listener.ts';

const name = 'exchange.example/log/0';
const type = 'ed25519';
const arn = 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000000';
const message = utf8('a text to sign\n');

const environment = (more: Partial<NoteKeyEnv>): NoteKeyEnv => ({
  ...z.object(awsVariables).parse({}),
  ...more,
});

const pair = generateKeyPairSync('ed25519');
const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const Input = z.object({ KeyId: z.string(), Message: z.base64().optional() });
type Asked = { readonly operation: string; readonly input: unknown };

type Answers = {
  readonly publicKey?: () => object;
  readonly sign?: (message: Buffer) => object;
};

const running: Listener[] = [];

afterEach(async () => {
  for (const service of running.splice(0)) await service[Symbol.asyncDispose]();
});

/** A server that plays KMS with one Ed25519 key, but where these answers say otherwise. */
const kms = async ({ publicKey, sign }: Answers = {}) => {
  const asked: Asked[] = [];
  const answer = (operation: string, input: z.infer<typeof Input>): object => {
    if (operation === 'GetPublicKey') {
      const key = { PublicKey: spkiOf(pair.publicKey).toString('base64'), KeyUsage: 'SIGN_VERIFY' };
      return publicKey?.() ?? key;
    }
    const bytes = Buffer.from(input.Message ?? '', 'base64');
    const signature = signRaw(null, bytes, pair.privateKey).toString('base64');
    return sign?.(bytes) ?? { KeyId: arn, Signature: signature };
  };
  const service = await listen((request, response) => {
    const reply = async (): Promise<void> => {
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
      const input: unknown = JSON.parse(await textOf(request));
      asked.push({ operation, input });
      const body = answer(operation, Input.parse(input));
      response.statusCode = '__type' in body ? 400 : 200;
      response.end(JSON.stringify(body));
    };
    reply().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  running.push(service);
  const env = environment({ NOTE_KEY_ARN: arn, AWS_ENDPOINT_URL: service.url });
  return { service, asked, open: () => openNoteSigner({ name, type, env }) };
};

const unavailable = { name: 'signer-unavailable', status: 503, extras: { retryAfter: 2 } } as const;

describe('a note key in KMS', () => {
  it('signs for the public key it shows, under its name and type', async () => {
    const { open } = await kms();
    const { verifier, sign } = await open();
    const wanted = verifierKey(name, type, rawEd25519(spkiOf(pair.publicKey)));
    expect([verifier.id, verifier.name, verifier.type]).toEqual([wanted.id, name, type]);
    expect(verify(null, message, pair.publicKey, await sign(message))).toBe(true);
  });

  it('is asked for its public key once, and for each signature with ED25519_SHA_512 over the message itself', async () => {
    const { open, asked, service } = await kms();
    const { sign } = await open();
    await sign(message);
    await sign(utf8('another'));
    const input = (text: Uint8Array) => ({
      KeyId: arn,
      Message: Buffer.from(text).toString('base64'),
      MessageType: 'RAW',
      SigningAlgorithm: 'ED25519_SHA_512',
    });
    expect(asked).toEqual([
      { operation: 'GetPublicKey', input: { KeyId: arn } },
      { operation: 'Sign', input: input(message) },
      { operation: 'Sign', input: input(utf8('another')) },
    ]);
    for (const { headers } of service.requests) {
      expect(headers['content-type']).toBe('application/x-amz-json-1.1');
      expect(headers['authorization']).toMatch(/\/eu-central-1\/kms\/aws4_request/);
    }
  });

  it.each([
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['Ed448', generateKeyPairSync('ed448').publicKey],
    ['X25519', generateKeyPairSync('x25519').publicKey],
  ])('is refused when it is one of %s', async (_, key) => {
    const answer = { PublicKey: spkiOf(key).toString('base64'), KeyUsage: 'SIGN_VERIFY' };
    const { open } = await kms({ publicKey: () => answer });
    await expect(open()).rejects.toMatchObject({ name: 'VerifierKeyInvalid' });
  });

  it('is refused when it is of low order', async () => {
    const spki = spkiOf(pair.publicKey).fill(0, 12);
    const answer = { PublicKey: spki.toString('base64'), KeyUsage: 'SIGN_VERIFY' };
    const { open } = await kms({ publicKey: () => answer });
    await expect(open()).rejects.toMatchObject({ name: 'VerifierKeyInvalid' });
  });

  it.each([
    ['a refusal', { ['__type']: 'AccessDeniedException' }],
    ['no key', {}],
    ['a key that is no base64', { PublicKey: '*', KeyUsage: 'SIGN_VERIFY' }],
    [
      'a key for another use',
      { PublicKey: spkiOf(pair.publicKey).toString('base64'), KeyUsage: 'KEY_AGREEMENT' },
    ],
  ])('cannot be had from %s', async (_, answer) => {
    const { open } = await kms({ publicKey: () => answer });
    await expect(open()).rejects.toMatchObject(unavailable);
  });

  it.each([
    ['a refusal', { ['__type']: 'DisabledException' }],
    ['nothing', {}],
    ['63 bytes', { Signature: Buffer.alloc(63).toString('base64') }],
    ['65 bytes', { Signature: Buffer.alloc(65).toString('base64') }],
    ['no base64', { Signature: '-'.repeat(86) }],
  ])('signs nothing by %s', async (_, answer) => {
    const { open } = await kms({ sign: () => answer });
    const { sign } = await open();
    await expect(sign(message)).rejects.toMatchObject(unavailable);
  });

  it('that goes away is signer-unavailable, when it is opened and when it is to sign', async () => {
    const { open, service } = await kms();
    const { sign } = await open();
    running.splice(running.indexOf(service), 1);
    await service[Symbol.asyncDispose]();
    await expect(sign(message)).rejects.toMatchObject({
      ...unavailable,
      cause: { code: 'Network' },
    });
    await expect(open()).rejects.toMatchObject(unavailable);
  });

  it.each(['', 'a+b'])('is not opened under the name %j', async (bad) => {
    const { service } = await kms();
    const env = environment({ NOTE_KEY_ARN: arn, AWS_ENDPOINT_URL: service.url });
    await expect(openNoteSigner({ name: bad, type, env })).rejects.toMatchObject({
      name: 'VerifierKeyInvalid',
    });
  });
});

describe('a note key in the KMS that the environment names', () => {
  const endpoint = process.env['ESTELAM_TEST_KMS_ENDPOINT'];
  const credentials = {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
  const region = process.env['AWS_REGION'] ?? 'eu-central-1';

  const createKey = async (KeySpec: string): Promise<NoteKeyEnv> => {
    const call = awsJsonClient({
      service: 'kms',
      target: 'TrentService',
      contentType: 'application/x-amz-json-1.1',
      endpoint: endpoint ?? '',
      region,
      credentials,
    });
    const made = await call('CreateKey', { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const { KeyMetadata } = z.object({ KeyMetadata: z.object({ Arn: z.string() }) }).parse(made);
    return environment({
      NOTE_KEY_ARN: KeyMetadata.Arn,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
  };

  it('signs', async ({ skip }) => {
    skip(endpoint === undefined, 'ESTELAM_TEST_KMS_ENDPOINT names no KMS');
    const env = await createKey('ECC_NIST_EDWARDS25519');
    const { verifier, sign } = await openNoteSigner({ name, type, env });
    expect(verify(null, message, verifier.key, await sign(message))).toBe(true);
  });

  it('is refused when it is not Ed25519', async ({ skip }) => {
    skip(endpoint === undefined, 'ESTELAM_TEST_KMS_ENDPOINT names no KMS');
    const env = await createKey('ECC_NIST_P256');
    await expect(openNoteSigner({ name, type, env })).rejects.toMatchObject({
      name: 'VerifierKeyInvalid',
    });
  });
});

describe('a note key in a file', () => {
  const fileWith = async (text: string): Promise<NoteKeyEnv> => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder[Symbol.asyncDispose]());
    const path = join(folder.path, 'key.pem');
    await writeFile(path, text, { mode: 0o600 });
    return environment({ NOTE_KEY_FILE: path });
  };
  const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

  it('signs for the public key it shows', async () => {
    const env = await fileWith(pemOf(pair.privateKey));
    const { verifier, sign } = await openNoteSigner({ name, type, env });
    const raw = rawEd25519(spkiOf(createPublicKey(pair.privateKey)));
    expect(Buffer.compare(verifier.publicKey, raw)).toBe(0);
    expect(verify(null, message, pair.publicKey, await sign(message))).toBe(true);
  });

  it.each([
    ['another curve', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['no key', 'nothing'],
  ])('is refused when it holds %s', async (_, text) => {
    const env = await fileWith(text);
    await expect(openNoteSigner({ name, type, env })).rejects.toMatchObject({
      name: 'VerifierKeyInvalid',
    });
  });

  it('that is not there is signer-unavailable, and is not made', async () => {
    const env = await fileWith('');
    const path = `${env.NOTE_KEY_FILE}.missing`;
    const missing = { ...env, NOTE_KEY_FILE: path };
    await expect(openNoteSigner({ name, type, env: missing })).rejects.toMatchObject(unavailable);
    await expect(openNoteSigner({ name, type, env: missing })).rejects.toMatchObject(unavailable);
  });

  it('is the only place that is named, or KMS is', async () => {
    const both = environment({ NOTE_KEY_ARN: arn, NOTE_KEY_FILE: 'key.pem' });
    for (const env of [both, environment({})]) {
      await expect(openNoteSigner({ name, type, env })).rejects.toThrow(
        /one of NOTE_KEY_ARN and NOTE_KEY_FILE must be set, and only one/,
      );
    }
  });
});
