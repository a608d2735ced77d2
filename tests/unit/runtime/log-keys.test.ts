import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';
import { demand, logSettingsOf, shardsOf } from '#functions/runtime/log/log-env.ts';
import { loadLogKeys, openLogSigner } from '#functions/runtime/log/log-keys.ts';
import { loadPolicy } from '#functions/runtime/log/log-policy.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { formatVerifierKey, verifyEd25519 } from '#shared/audit/tlog/verifier-key.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const envOf = (variables: Readonly<Record<string, string>>) =>
  readEnv({
    ESTELAM_ORIGIN: 'https://exchange.example',
    ESTELAM_SECRET_FILE: 'unused',
    JOURNAL_TABLE: 'journal',
    REGISTRY_TABLE: 'registry',
    ...variables,
  });

const vkeyOf = (name: string, type: 'ed25519' | 'cosignature' = 'ed25519'): string =>
  formatVerifierKey(noteKey(name, type).verifier);

const own = [0, 1].map((shard) => vkeyOf(`exchange.example/log/${shard}`));
const witness = vkeyOf('witness.example/a', 'cosignature');

const writeKey = async (folder: string, name: string): Promise<string> => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(folder, name);
  await writeFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return file;
};

describe('what a function of the log needs', () => {
  it('is had from its environment, or named when it is missing', () => {
    expect(demand(envOf({ LOG_TABLE: 'log' }), 'LOG_TABLE')).toBe('log');
    expect(() => demand(envOf({}), 'LOG_TABLE')).toThrow(
      'The environment is not right: LOG_TABLE must be set',
    );
  });

  it('is for each shard its place among all, and the times', () => {
    const env = envOf({ JOURNAL_SHARDS: '2', JOURNAL_SLOTS: '8', MERGE_DELAY_SECONDS: '90' });
    expect(shardsOf(env)).toEqual([0, 1]);
    expect(logSettingsOf(env, 1)).toEqual({
      shard: 1,
      shards: 2,
      slots: 8,
      origin: 'exchange.example/log/1',
      mergeDelay: 90,
      ...usualTimes,
    });
    const times = { ...usualTimes, acceptance: 1 };
    expect(logSettingsOf(env, 0, times)).toMatchObject({ acceptance: 1 });
  });
});

describe('the keys of the logs', () => {
  it('are those that are configured, in the order of the shards', async () => {
    const keys = await loadLogKeys(envOf({ JOURNAL_SHARDS: '2', LOG_VKEYS: own.join('\n') }));
    expect(keys.map(formatVerifierKey)).toEqual(own);
  });

  it('are the public halves of the private ones, named by the origins of the logs', async () => {
    await using folder = await temporaryFolder();
    const files = [await writeKey(folder.path, 'a.pem'), await writeKey(folder.path, 'b.pem')];
    const env = envOf({ JOURNAL_SHARDS: '2', LOG_KEYS: files.join(' ') });
    const keys = await loadLogKeys(env);
    expect(keys.map(({ name, type }) => [name, type])).toEqual([
      ['exchange.example/log/0', 'ed25519'],
      ['exchange.example/log/1', 'ed25519'],
    ]);
    const signer = await openLogSigner(env, 1);
    const signature = await signer.sign(utf8('text'));
    const holds = keys.map((key) => verifyEd25519(key, utf8('text'), signature));
    expect(holds).toEqual([false, true]);
    expect(signer.verifier.name).toBe('exchange.example/log/1');
  });

  it('come from nowhere but the settings', async () => {
    await expect(loadLogKeys(envOf({}))).rejects.toThrow('LOG_KEYS or LOG_VKEYS must be set');
    await expect(openLogSigner(envOf({}), 0)).rejects.toThrow('LOG_KEYS must be set');
    const one = envOf({ LOG_KEYS: 'a.pem' });
    await expect(openLogSigner(one, 1)).rejects.toThrow('There is no log of this shard.');
    await expect(openLogSigner(one, 0)).rejects.toMatchObject({ name: 'signer-unavailable' });
  });

  it.each([
    ['too few', own.slice(0, 1), 'must name 2 keys, one a shard'],
    ['too many', [...own, vkeyOf('exchange.example/log/2')], 'must name 2 keys, one a shard'],
    [
      'in another order',
      own.toReversed(),
      'must hold the key that signs as exchange.example/log/0',
    ],
    [
      'of a witness',
      [own[0] ?? '', witness],
      'must hold the key that signs as exchange.example/log/1',
    ],
    ['no keys', ['secret', 'secret'], 'holds a key that must not be used'],
  ])('are refused when they are %s', async (_, keys, reason) => {
    const env = envOf({ JOURNAL_SHARDS: '2', LOG_VKEYS: keys.join(' ') });
    const message = await loadLogKeys(env).catch(String);
    expect(message).toContain(`The environment is not right: LOG_VKEYS ${reason}`);
    expect(message).not.toContain('secret');
  });
});

describe('the policy', () => {
  const policy = `witness a ${witness} http://127.0.0.1:1/w\nquorum a\n`;

  it('names the logs with their addresses, and the witnesses that are configured', async () => {
    const env = envOf({
      JOURNAL_SHARDS: '2',
      LOG_VKEYS: own.join(' '),
      LOG_WITNESS_POLICY: policy,
    });
    const { logs, witnesses, quorum } = await loadPolicy(env);
    expect(logs.map(({ key, url }) => [formatVerifierKey(key), url])).toEqual([
      [own[0], 'https://exchange.example/log/0'],
      [own[1], 'https://exchange.example/log/1'],
    ]);
    expect(witnesses.map(({ name, url }) => [name, url])).toEqual([['a', 'http://127.0.0.1:1/w']]);
    expect(quorum).toBe('a');
  });

  it('wants nobody where none is configured', async () => {
    const { witnesses, quorum } = await loadPolicy(envOf({ LOG_VKEYS: own[0] ?? '' }));
    expect([witnesses, quorum]).toEqual([[], 'none']);
  });

  it.each([
    ['no policy', 'secret', 'LOG_WITNESS_POLICY: Line 1 of the policy begins with'],
    ['without a quorum', '', 'LOG_WITNESS_POLICY: The policy has no quorum.'],
    ['of a log', `log ${own[0]}\nquorum none`, 'LOG_WITNESS_POLICY must not name a log'],
  ])('is refused when it is %s', async (_, text, reason) => {
    const env = envOf({ LOG_VKEYS: own[0] ?? '', LOG_WITNESS_POLICY: text });
    const message = await loadPolicy(env).catch(String);
    expect(message).toContain(`The environment is not right: ${reason}`);
    expect(message).not.toContain('secret');
  });
});
