import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NoteSigner } from '#shared/audit/note-signer.ts';
import { pemNoteSigner } from '#shared/audit/pem-note-signer.ts';
import { codeOf, makeFile } from './durable-file.ts';

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * The Ed25519 key in a file (PEM of PKCS#8), which is made at first use: mode 600, whole or not at all,
 * and never overwritten. Rejects with VerifierKeyInvalid for every other key and for a bad name.
 */
export const openKeyFile = async (path: string, name: string): Promise<NoteSigner> => {
  const named = { name, type: 'cosignature' } as const;
  const standing = await readIfThere(path);
  if (standing !== undefined) return pemNoteSigner(named, standing);
  const made = newKey();
  // A name that is not allowed makes no key.
  const signer = pemNoteSigner(named, made);
  if (await makeFile(path, made)) return signer;
  return pemNoteSigner(named, await readFile(path, 'utf8'));
};
