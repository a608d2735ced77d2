import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { NoteSigner } from '#shared/audit/note-signer.ts';
import { pemNoteSigner } from '#shared/audit/pem-note-signer.ts';
import { formatVerifierKey, VerifierKeyInvalid } from '#shared/audit/tlog/verifier-key.ts';
import { readOrMake } from './write-once.ts';

/** The key of one log. */
export type LogKey = {
  /** Where its private half is. */
  readonly file: string;
  /** Its public half, as C2SP signed-note writes it. */
  readonly vkey: string;
};

/** Opens a private key; throws an error that names its file when there is none in it. */
const openKey = (name: string, file: string, pem: string): NoteSigner => {
  try {
    return pemNoteSigner({ name, type: 'ed25519' }, pem);
  } catch (cause) {
    if (!(cause instanceof VerifierKeyInvalid)) throw cause;
    throw new Error(`${file} holds no Ed25519 key: put back the one that the log began with.`, {
      cause,
    });
  }
};

const makePem = (): string => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
};

/**
 * The keys of the logs of an exchange, one a shard, made at first use (mode 600, never overwritten).
 * The public half is kept beside each: under another key nobody would believe the log any more.
 */
export const logKeys = (
  directory: string,
  { origin, shards }: { readonly origin: string; readonly shards: number },
): Promise<readonly LogKey[]> =>
  Promise.all(
    Array.from({ length: shards }, async (_, shard) => {
      const file = join(directory, `log-${shard}.pem`);
      // The name is the log's origin: `logOrigin` of shared/inquiry/exchange.ts.
      const name = `${new URL(origin).host}/log/${shard}`;
      const { verifier } = openKey(name, file, await readOrMake(file, makePem));
      const vkey = formatVerifierKey(verifier);
      const first = await readOrMake(join(directory, `log-${shard}.vkey`), () => `${vkey}\n`);
      if (first === `${vkey}\n`) return { file, vkey };
      throw new Error(`${file} is not the key that the log began with: put that one back.`);
    }),
  );
