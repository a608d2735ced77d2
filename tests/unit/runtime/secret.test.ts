import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import { loadSecretKeys, type SecretKeys } from '#functions/runtime/keys/secret.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const keysOf = async (secret: string): Promise<SecretKeys> => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'secret');
  await writeFile(path, secret);
  return await loadSecretKeys(
    readEnv({
      ESTELAM_ORIGIN: 'https://exchange.example',
      JOURNAL_TABLE: 'j',
      REGISTRY_TABLE: 'r',
      ESTELAM_SECRET_FILE: path,
    }),
  );
};

const hex = ({ slot, vault, sealing }: SecretKeys): readonly string[] =>
  [slot, vault, sealing].map((key) => key.export().toString('hex'));

describe('loadSecretKeys', () => {
  it('derives a key of its own for each use, the same every time', async () => {
    const keys = await keysOf('0123456789abcdef0123456789abcdef');
    // HKDF-SHA-256 (RFC 5869) with the salt `estelam`, computed by Python's hmac.
    expect(hex(keys)).toEqual([
      '000e37db36ef5f84e0ce1e0c7877b863ff4ca7d7449e64a87bcd0d640823f9a0',
      'aa8536fdb1ad18adcf779c06f5b30000d6572470ed605ac6bdee03720393c8cd',
      '3d01501867f3ca42816c08c0fdbca42649488061ec43036880cbfa622252d929',
    ]);
  });

  it('gives other keys for another secret, and the same when a line ends the file', async () => {
    const secret = 'a'.repeat(32);
    const keys = hex(await keysOf(secret));
    expect(hex(await keysOf(`${secret}\n`))).toEqual(keys);
    const others = hex(await keysOf(`${secret}b`));
    expect(new Set([...keys, ...others]).size).toBe(6);
  });

  it('refuses a secret that is too short, without telling it', async () => {
    await expect(keysOf('x'.repeat(31))).rejects.toThrow(
      /^The secret of the exchange is shorter than 32 characters\.$/,
    );
  });
});
