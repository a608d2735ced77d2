import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSequence } from '#infra/local/agencies/sequence.ts';
import { keyFile, participantKey, sampleKeys } from '#infra/local/keys.ts';
import { readOrMake } from '#infra/local/write-once.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

describe('the keys of a sample installation', () => {
  it('are made once and are the same afterwards', async () => {
    await using folder = await temporaryFolder();
    const keys = join(folder.path, 'keys');
    const first = await sampleKeys(keys);
    const second = await sampleKeys(keys);
    expect(Object.keys(first)).toHaveLength(15);
    expect(Object.values(second).map(({ kid }) => kid)).toEqual(
      Object.values(first).map(({ kid }) => kid),
    );
    expect(first['counter:72110345']?.alg).toBe('ES256');
    expect(first['counter:72110346']?.alg).toBe('Ed25519');
  });

  it('can be read by their owner only', async () => {
    await using folder = await temporaryFolder();
    const keys = join(folder.path, 'data', 'keys');
    await sampleKeys(keys);
    expect(await modeOf(keys)).toBe('700');
    const files = await readdir(keys);
    expect(files).toContain('counter_72110345.jwk.json');
    expect(files).toHaveLength(15);
    for (const file of files) expect(await modeOf(join(keys, file))).toBe('600');
  });

  it('are never overwritten, not even when they are made twice at once', async () => {
    await using folder = await temporaryFolder();
    const make = () => participantKey(folder.path, 'agency:post', 'ES256');
    const made = await Promise.all([make(), make(), make()]);
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
    expect(await readdir(folder.path)).toEqual(['agency_post.jwk.json']);
  });

  it.each(['', '{}', 'nonsense', '{"kty":"EC"}'])('refuse a file that holds %j', async (text) => {
    await using folder = await temporaryFolder();
    const path = keyFile(folder.path, 'agency:post');
    await writeFile(path, text);
    await expect(participantKey(folder.path, 'agency:post', 'ES256')).rejects.toThrow(
      'agency_post.jwk.json holds no private key',
    );
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe('a secret file', () => {
  it('is made at first use only', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'secrets', 'x');
    expect(await readOrMake(path, () => 'one')).toBe('one');
    expect(await readOrMake(path, () => 'two')).toBe('one');
    expect(await modeOf(path)).toBe('600');
    expect(await modeOf(join(folder.path, 'secrets'))).toBe('700');
  });
});

describe('a sequence on disk', () => {
  it('has no gap and no repetition, however many ask at once, and goes on afterwards', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'x.seq');
    const next = fileSequence(path);
    const numbers = await Promise.all(Array.from({ length: 20 }, () => next()));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await fileSequence(path)()).toBe(21);
  });

  it('refuses a file that holds something else', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'x.seq');
    await writeFile(path, 'seven');
    await expect(fileSequence(path)()).rejects.toThrow('must hold one whole number');
  });
});
