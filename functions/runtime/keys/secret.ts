import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { awsJsonClient } from '../aws-json.ts';
import type { Env } from '../env.ts';

const SecretAnswer = z.object({ SecretString: z.string().min(32) });

const fetchSecret = async (env: Env, arn: string): Promise<string> => {
  const call = awsJsonClient({
    service: 'secretsmanager',
    target: 'secretsmanager',
    contentType: 'application/x-amz-json-1.1',
    endpoint: env.AWS_ENDPOINT_URL ?? `https://secretsmanager.${env.AWS_REGION}.amazonaws.com`,
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
    },
  });
  return SecretAnswer.parse(await call('GetSecretValue', { SecretId: arn })).SecretString;
};

const readSecret = async (env: Env): Promise<string> => {
  if (env.ESTELAM_SECRET_FILE !== undefined) {
    return (await readFile(env.ESTELAM_SECRET_FILE, 'utf8')).trim();
  }
  if (env.ESTELAM_SECRET_ARN !== undefined) return fetchSecret(env, env.ESTELAM_SECRET_ARN);
  throw new Error('No secret is configured.');
};

/** What the one secret of an exchange is used for; each use has a key of its own. */
export type SecretKeys = {
  /** Places inquiries in slots of the journal. */
  readonly slot: KeyObject;
  /** Seals disclosures beside intents, and wraps the keys of held answers. */
  readonly vault: KeyObject;
  /** Seals the exchange's own signing keys at rest. */
  readonly sealing: KeyObject;
  /** Makes pseudonyms of persons (HMAC-SHA-256). */
  readonly subject: KeyObject;
  /** Seals cursors of listings. */
  readonly cursor: KeyObject;
  /** Signs links to exports (HMAC-SHA-256). */
  readonly link: KeyObject;
};

/** Derives the 32-byte keys from the exchange's secret (HKDF-SHA-256, RFC 5869). */
export const loadSecretKeys = async (env: Env): Promise<SecretKeys> => {
  const secret = await readSecret(env);
  if (secret.length < 32)
    throw new Error('The secret of the exchange is shorter than 32 characters.');
  const derive = (use: string): KeyObject =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', secret, 'estelam', use, 32)));
  return {
    slot: derive('slot/1'),
    vault: derive('vault/1'),
    sealing: derive('sealing/1'),
    subject: derive('subject/1'),
    cursor: derive('cursor/1'),
    link: derive('link/1'),
  };
};
