import {
  mkdir,
  readdir,
  readFile,
  rm,
  rmdir,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Tree } from '#shared/audit/latest-tree.ts';
import { toBase64 } from '#shared/audit/tlog/base64.ts';
import { openKeyFile } from '#shared/client/cli/witness/key-file.ts';
import { openStateFile } from '#shared/client/cli/witness/state-file.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const origin = 'exchange.example/log/0';
const treeOf = (size: number): Tree => ({ size: BigInt(size), root: sha256(String(size)) });

const place = async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return { folder: folder.path, path: join(folder.path, 'state.json') };
};

const opened = async (path: string) => {
  const state = await openStateFile(path);
  onTestFinished(() => state.close().catch(() => undefined));
  return state;
};

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

describe('the state file of a witness', () => {
  it('is made when it is absent, for its owner only, and kept for the next', async () => {
    const { folder, path } = await place();
    const { store, close } = await openStateFile(path);
    await store.compareAndSwap(origin, undefined, treeOf(5));
    await close();
    expect(await modeOf(path)).toBe('600');
    expect(await readdir(folder)).toEqual(['state.json', 'state.json.lock']);
    const next = await opened(path);
    expect((await next.store.read(origin))?.size).toBe(5n);
  });

  it('reads as JSON of what was signed last', async () => {
    const { path } = await place();
    const { store } = await opened(path);
    await store.compareAndSwap(origin, undefined, treeOf(5));
    const trees = [{ origin, size: '5', root: toBase64(sha256('5')) }];
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ v: 1, trees });
  });

  const root = toBase64(sha256('5'));
  const state = (...trees: readonly object[]): string => JSON.stringify({ v: 1, trees });

  it.each([
    ['empty', ''],
    ['cut off', state({ origin, size: '5', root }).slice(0, -5)],
    ['of another version', '{"v":2,"trees":[]}'],
    ['without its trees', '{"v":1}'],
    ['with a member more', '{"v":1,"trees":[],"x":1}'],
    ['with a size as a number', state({ origin, size: 5, root })],
    ['with a leading zero', state({ origin, size: '05', root })],
    ['with a root cut off', state({ origin, size: '5', root: root.slice(4) })],
    ['with no origin', state({ origin: '', size: '5', root })],
    ['with an origin twice', state({ origin, size: '5', root }, { origin, size: '6', root })],
  ])('is refused when it is %s, and stays as it is', async (_, text) => {
    const { folder, path } = await place();
    await writeFile(path, text);
    await expect(openStateFile(path)).rejects.toThrow(/is damaged: restore it/);
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['state.json', 'state.json.lock']);
  });

  it.each([
    ['is damaged', (path: string) => writeFile(path, '{')],
    ['is deleted', (path: string) => rm(path)],
  ])('is store-unavailable when it %s meanwhile, and is not made anew', async (_, spoil) => {
    const { path } = await place();
    const { store } = await opened(path);
    await store.compareAndSwap(origin, undefined, treeOf(5));
    await spoil(path);
    const unavailable = { name: 'store-unavailable', status: 503 };
    await expect(store.read(origin)).rejects.toMatchObject(unavailable);
    const swap = store.compareAndSwap(origin, treeOf(5), treeOf(6));
    await expect(swap).rejects.toMatchObject(unavailable);
    await expect(store.read(origin)).rejects.toMatchObject(unavailable);
  });

  it('keeps what stood when it cannot be written, and takes the same swap later', async () => {
    const { path } = await place();
    const { store } = await opened(path);
    await store.compareAndSwap(origin, undefined, treeOf(5));
    await mkdir(`${path}.draft`);
    const swap = () => store.compareAndSwap(origin, treeOf(5), treeOf(6));
    await expect(swap()).rejects.toMatchObject({ name: 'store-unavailable' });
    expect((await store.read(origin))?.size).toBe(5n);
    await rmdir(`${path}.draft`);
    expect(await swap()).toBe('written');
  });

  it('says what stands after a write that nobody was told of', async () => {
    const { path } = await place();
    const { store } = await opened(path);
    await store.compareAndSwap(origin, undefined, treeOf(5));
    // As a crash leaves it: in its place, and not acknowledged.
    await writeFile(path, state({ origin, size: '6', root: toBase64(sha256('6')) }));
    expect((await store.read(origin))?.size).toBe(6n);
    const other = { size: 6n, root: sha256('a fork') };
    expect(await store.compareAndSwap(origin, treeOf(5), other)).toMatchObject({
      standing: { size: 6n },
    });
    expect(await store.compareAndSwap(origin, treeOf(5), treeOf(6))).toBe('written');
  });

  it('is not misled by a draft that a crash left behind', async () => {
    const { path } = await place();
    const { store } = await opened(path);
    await writeFile(`${path}.draft`, '{"v":1,"trees":[{"orig and a long rest of what was to be"');
    expect(await store.compareAndSwap(origin, undefined, treeOf(5))).toBe('written');
    expect((await store.read(origin))?.size).toBe(5n);
  });
});

describe('the lock of a state file', () => {
  const inUse = /state\.json is in use by another witness that runs/;

  it('keeps a second out, under whichever name', async () => {
    const { folder, path } = await place();
    await opened(path);
    await symlink(path, join(folder, 'other.json'));
    await expect(openStateFile(path)).rejects.toThrow(inUse);
    await expect(openStateFile(join(folder, 'other.json'))).rejects.toThrow(inUse);
  });

  it('lets one in of twenty', async () => {
    const { path } = await place();
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => opened(path)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('goes with its holder', async () => {
    const { path } = await place();
    const { close } = await openStateFile(path);
    await close();
    expect(await (await opened(path)).store.read(origin)).toBeUndefined();
  });

  it('is let go of when the state cannot be read', async () => {
    const { path } = await place();
    await writeFile(path, 'no state');
    await expect(openStateFile(path)).rejects.toThrow(/is damaged/);
    await unlink(path);
    await opened(path);
  });

  it('is refused where it cannot be written: there it would exclude nobody', async (context) => {
    context.skip(process.getuid?.() === 0, 'root may write every file');
    const { path } = await place();
    await writeFile(`${path}.lock`, '', { mode: 0o400 });
    await expect(openStateFile(path)).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('is never what somebody wrote there', async () => {
    const { path } = await place();
    const foreign = 'a text of somebody else, and long enough to be taken for a header '.repeat(20);
    await writeFile(`${path}.lock`, foreign);
    await expect(openStateFile(path)).rejects.toThrow(/state\.json\.lock is no lock: delete it/);
    expect(await readFile(`${path}.lock`, 'utf8')).toBe(foreign);
  });
});

describe('the key file of a witness', () => {
  const name = 'witness.example/w';

  it('is made at first use for its owner only, and used from then on', async () => {
    const { folder } = await place();
    const path = join(folder, 'key.pem');
    const first = await openKeyFile(path, name);
    expect(await modeOf(path)).toBe('600');
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const second = await openKeyFile(path, name);
    expect(second.verifier.id).toBe(first.verifier.id);
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['key.pem']);
  });

  it('is the same for twenty that make it at once', async () => {
    const { folder } = await place();
    const path = join(folder, 'key.pem');
    const all = await Promise.all(Array.from({ length: 20 }, () => openKeyFile(path, name)));
    expect(new Set(all.map(({ verifier }) => verifier.id)).size).toBe(1);
  });

  it('is never overwritten when it is no key', async () => {
    const { folder } = await place();
    const path = join(folder, 'key.pem');
    await writeFile(path, '');
    await expect(openKeyFile(path, name)).rejects.toMatchObject({ name: 'VerifierKeyInvalid' });
    expect(await readFile(path, 'utf8')).toBe('');
  });

  it('is not made under a name that is not allowed', async () => {
    const { folder } = await place();
    await expect(openKeyFile(join(folder, 'key.pem'), 'a b')).rejects.toMatchObject({
      name: 'VerifierKeyInvalid',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
