import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnv } from '#functions/runtime/env.ts';
import { registrarId } from '#infra/local/seed/participants.ts';
import { PrivateJwk, signerOf } from '#shared/client/private-key.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import type { TestKey } from '../messages.ts';
import type { Base } from './base.ts';

/** Where a deployed exchange answers, when the environment names one. */
export const deployedUrl = (): string | undefined => process.env['ESTELAM_E2E_URL'];

const withoutKid = ({ kid: _, ...rest }: PrivateJwk) => rest;

/**
 * The key that the deployed exchange was told may begin its registry, of `registrar:cra`. Its private
 * half is named in the environment, as a JWK.
 */
export const deployedRoot = async (): Promise<TestKey> => {
  const json = parseStrictJson(process.env['ESTELAM_E2E_ROOT_KEY'] ?? '{}');
  const signer = await signerOf(json);
  const privateJwk = withoutKid(PrivateJwk.parse(json));
  const { jwk, kid, alg } = signer;
  return { owner: registrarId, signer, jwk, privateJwk, kid, alg };
};

/** The exchange that `npm run deploy:emulated`, or anybody, deployed and named in the environment. */
export const attachDeployed = async (url: string): Promise<Base> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-world-'));
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, process.env['ESTELAM_SECRET'] ?? '', { mode: 0o600 });
  const env = readEnv({
    ...process.env,
    ESTELAM_SECRET_ARN: undefined,
    ESTELAM_SECRET_FILE: secretFile,
  });
  return {
    url,
    origin: env.ESTELAM_ORIGIN,
    env,
    workshop: undefined,
    stop: () => rm(directory, { recursive: true, force: true }),
  };
};
