import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { objectStoreContract } from './object-store-contract.ts';

const newRoot = async (): Promise<string> => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
};

objectStoreContract('memoryObjectStore', async () => memoryObjectStore().store);
objectStoreContract('directoryObjectStore', async () => directoryObjectStore(await newRoot()));

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

  it('leaves nothing but its objects in the directory', async () => {
    const root = await newRoot();
    const store = directoryObjectStore(root);
    await Promise.all([
      store.putIfAbsent('a', Uint8Array.of(1)),
      store.putIfAbsent('a', Uint8Array.of(2)),
    ]);
    expect(await readdir(root)).toEqual(['a']);
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
  });
});
