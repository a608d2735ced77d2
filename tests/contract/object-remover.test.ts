import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryObjectRemover } from '#functions/runtime/objects/directory-object-remover.ts';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { s3ObjectRemover } from '#functions/runtime/objects/s3-object-remover.ts';
import { s3ObjectStore } from '#functions/runtime/objects/s3-object-store.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { objectRemoverContract } from './object-remover-contract.ts';
import { onNamedS3 } from './s3.ts';

const newRoot = async (): Promise<string> => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
};

const inDirectory = (root: string) => ({
  store: directoryObjectStore(root),
  remover: directoryObjectRemover(root),
});

objectRemoverContract('memoryObjectStore', async () => memoryObjectStore());
objectRemoverContract('directoryObjectRemover', async () => inDirectory(await newRoot()));
onNamedS3((storeName, newBucket) => {
  objectRemoverContract(`s3ObjectRemover over ${storeName}`, async () => {
    const settings = await newBucket();
    return { store: s3ObjectStore(settings), remover: s3ObjectRemover(settings) };
  });
});

describe('removing objects that breaks', () => {
  it.each([
    ['not-persisted', 1],
    ['unacknowledged', 0],
  ] as const)('(%s) is told as store-unavailable, and can be done again', async (fault, left) => {
    const { store, remover, faults, dump } = memoryObjectStore();
    await store.putIfAbsent('export/7/plan', Uint8Array.of(1));
    faults.breakCall('removeBelow', fault);
    await expect(remover.removeBelow('export/7')).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(dump().size).toBe(left);
    await remover.removeBelow('export/7');
    expect(dump().size).toBe(0);
  });

  it('leaves no folder behind in a directory', async () => {
    const root = await newRoot();
    const { store, remover } = inDirectory(root);
    await store.putIfAbsent('export/7/lines/0', Uint8Array.of(1));
    await store.putIfAbsent('export/8/plan', Uint8Array.of(1));
    await remover.removeBelow('export/7');
    expect((await readdir(root, { recursive: true })).toSorted()).toEqual([
      'export',
      join('export', '8'),
      join('export', '8', 'plan'),
    ]);
  });

  it('is told as store-unavailable where the directory is no directory', async () => {
    const root = await newRoot();
    await directoryObjectStore(root).putIfAbsent('a', Uint8Array.of(1));
    await expect(
      directoryObjectRemover(join(root, 'a')).removeBelow('export/7'),
    ).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it('removes what is put in between, which may break, and what is put later stands', async () => {
    const { store, remover } = inDirectory(await newRoot());
    const put = async (n: number): Promise<string> => {
      const answer = await store.putIfAbsent(`export/7/lines/${n}`, Uint8Array.of(1)).catch(String);
      return answer === 'written' ? answer : 'not written';
    };
    const putting = Promise.all(Array.from({ length: 60 }, (_, n) => put(n)));
    for (let n = 0; n < 20; n += 1) await remover.removeBelow('export/7').catch(() => undefined);
    await putting;
    expect(await put(60)).toBe('written');
    expect(await store.get('export/7/lines/60')).toEqual(Buffer.of(1));
    await remover.removeBelow('export/7');
    const left = Array.from({ length: 61 }, (_, n) => store.get(`export/7/lines/${n}`));
    expect((await Promise.all(left)).every((one) => one === undefined)).toBe(true);
  });
});
