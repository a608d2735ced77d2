import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { s3ObjectStore } from '#functions/runtime/objects/s3-object-store.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { objectStoreContract } from './object-store-contract.ts';
import { onNamedS3 } from './s3.ts';

const newRoot = async (): Promise<string> => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
};

objectStoreContract('memoryObjectStore', async () => memoryObjectStore().store);
objectStoreContract('directoryObjectStore', async () => directoryObjectStore(await newRoot()));
onNamedS3((storeName, newBucket) => {
  objectStoreContract(`s3ObjectStore over ${storeName}`, async () =>
    s3ObjectStore(await newBucket()),
  );
});

describe('a store of objects that breaks', () => {
  it.each(['not-persisted', 'unacknowledged'] as const)(
    '(%s) is told as store-unavailable, and the same object can be put again',
    async (fault) => {
      const { store, faults } = memoryObjectStore();
      faults.breakCall('putIfAbsent', fault);
      const object = Uint8Array.of(1, 2, 3);
      await expect(store.putIfAbsent('a', object)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      expect(await store.putIfAbsent('a', object)).toBe('written');
    },
  );

  it.each([
    ['not-persisted', 'old'],
    ['unacknowledged', 'new'],
  ] as const)(
    '(%s) is told as store-unavailable by a replacement, after which the %s object stands',
    async (fault, stands) => {
      const { store, faults, dump } = memoryObjectStore();
      const [old, next] = [Buffer.from('old'), Buffer.from('new')];
      await store.putIfAbsent('a', old);
      faults.breakCall('replace', fault);
      await expect(store.replace('a', old, next)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      expect(Buffer.from(dump().get('a') ?? []).toString()).toBe(stands);
      expect(await store.replace('a', old, next)).toBe('written');
      expect(Buffer.from(dump().get('a') ?? []).toString()).toBe('new');
    },
  );

  it('leaves nothing but its objects in the directory, for their owner only', async () => {
    const root = await newRoot();
    const store = directoryObjectStore(root);
    await Promise.all([
      store.putIfAbsent('a', Uint8Array.of(1)),
      store.putIfAbsent('a', Uint8Array.of(2)),
      store.replace('b/c', undefined, Uint8Array.of(3)),
    ]);
    await store.replace('b/c', Uint8Array.of(3), Uint8Array.of(4));
    expect((await readdir(root, { recursive: true })).toSorted()).toEqual([
      'a',
      'b',
      join('b', 'c'),
    ]);
    expect((await stat(join(root, 'b', 'c'))).mode & 0o777).toBe(0o600);
  });

  it('lets one of many replacements through two names of one directory win', async () => {
    const root = await newRoot();
    const stores = [directoryObjectStore(root), directoryObjectStore(relative('', root))];
    const old = Buffer.from('old');
    await Promise.all(stores.map((store) => store.putIfAbsent('a', old)));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => Buffer.from(`${n}`)).flatMap((object) =>
        stores.map((store, n) => store.replace('a', old, Buffer.concat([object, Buffer.of(n)]))),
      ),
    );
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
  });

  it('is told as store-unavailable where the directory is no directory', async () => {
    const root = await newRoot();
    const store = directoryObjectStore(root);
    await store.putIfAbsent('a', Uint8Array.of(1));
    const below = directoryObjectStore(join(root, 'a'));
    await expect(below.putIfAbsent('b', Uint8Array.of(1))).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    await expect(below.get('b')).rejects.toMatchObject({ name: 'store-unavailable' });
    for (const expected of [undefined, Uint8Array.of(2)]) {
      await expect(below.replace('b', expected, Uint8Array.of(1))).rejects.toMatchObject({
        name: 'store-unavailable',
      });
    }
  });
});

describe('a store of objects in memory', () => {
  it('shows a copy of all that stands, which no fault stops', async () => {
    const { store, faults, dump } = memoryObjectStore();
    await store.putIfAbsent('a/b', Uint8Array.of(1));
    faults.breakCall('get', 'not-persisted');
    const shown = dump();
    expect([...shown]).toEqual([['a/b', Uint8Array.of(1)]]);
    shown.get('a/b')?.fill(9);
    expect([...dump()]).toEqual([['a/b', Uint8Array.of(1)]]);
    expect(faults.calls('get')).toBe(0);
  });

  it('lets a test overwrite an object and take it away, past every call', async () => {
    const { store, faults, dump, overwrite } = memoryObjectStore();
    await store.putIfAbsent('a', Uint8Array.of(1));
    overwrite('a', Uint8Array.of(2));
    expect(await store.get('a')).toEqual(Uint8Array.of(2));
    overwrite('a', undefined);
    overwrite('b', Uint8Array.of(3));
    expect([...dump()]).toEqual([['b', Uint8Array.of(3)]]);
    expect([faults.calls('putIfAbsent'), faults.calls('replace')]).toEqual([1, 0]);
    expect(() => overwrite('../a', Uint8Array.of(1))).toThrow(TypeError);
  });
});
