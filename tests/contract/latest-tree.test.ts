import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dynamoLatestTree } from '#functions/runtime/dynamo/latest-tree.ts';
import type { Tree } from '#shared/audit/latest-tree.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { openStateFile } from '#shared/client/cli/witness/state-file.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { latestTreeContract } from './latest-tree-contract.ts';

const origin = 'exchange.example/log/0';
const first: Tree = { size: 1n, root: sha256('one leaf') };
const second: Tree = { size: 2n, root: sha256('two leaves') };

latestTreeContract('memoryLatestTree', () => memoryLatestTree().store);

latestTreeContract('openStateFile', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const { store, close } = await openStateFile(join(folder.path, 'state.json'));
  onTestFinished(close);
  return store;
});

onEveryDynamo((name, newTable) => {
  latestTreeContract(`dynamoLatestTree over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoLatestTree(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a swap that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoLatestTree(breaking.call, table);
      await store.compareAndSwap(origin, undefined, first);
      breaking.breakNext('PutItem', fault);
      await expect(store.compareAndSwap(origin, first, second)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      expect((await store.read(origin))?.size).toBe(fault === 'unacknowledged' ? 2n : 1n);
      expect(await store.compareAndSwap(origin, first, second)).toBe('written');
    },
  );
});

describe('a store of signed trees that breaks', () => {
  it.each([
    ['not-persisted', first],
    ['unacknowledged', second],
  ] as const)('(%s) a swap can be done again, and counts as written', async (fault, kept) => {
    const { store, faults, dump } = memoryLatestTree();
    await store.compareAndSwap(origin, undefined, first);
    faults.breakCall('compareAndSwap', fault);
    await expect(store.compareAndSwap(origin, first, second)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(dump().get(origin)?.size).toBe(kept.size);
    expect(await store.compareAndSwap(origin, first, second)).toBe('written');
    expect(dump().get(origin)?.size).toBe(second.size);
  });

  it('is told as store-unavailable by a read', async () => {
    const { store, faults } = memoryLatestTree();
    faults.breakCall('read', 'not-persisted');
    await expect(store.read(origin)).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it('keeps its trees when whoever was given one writes over its bytes', async () => {
    const { store } = memoryLatestTree();
    const mine = { ...first, root: Uint8Array.from(first.root) };
    await store.compareAndSwap(origin, undefined, mine);
    mine.root.fill(0);
    (await store.read(origin))?.root.fill(0);
    expect(Buffer.compare((await store.read(origin))?.root ?? mine.root, first.root)).toBe(0);
  });
});
