import { describe, expect, it } from 'vitest';
import { dynamoLogHead } from '#functions/runtime/dynamo/log-head.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { logHeadContract } from './log-head-contract.ts';

const head: Head = {
  version: 1,
  size: 1,
  root: sha256('one leaf'),
  bucket: 7,
  slot: 0,
  again: [7, 7],
  late: [],
  config: '',
  time: 70_000,
};
const second: Head = { ...head, version: 2, size: 2, root: sha256('two leaves') };

logHeadContract('memoryLogHead', () => memoryLogHead().store);

onEveryDynamo((name, newTable) => {
  logHeadContract(`dynamoLogHead over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoLogHead(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a swap that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoLogHead(breaking.call, table);
      await store.compareAndSwap(0, head);
      breaking.breakNext('PutItem', fault);
      await expect(store.compareAndSwap(0, second)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      expect((await store.read(0))?.version).toBe(fault === 'unacknowledged' ? 2 : 1);
      expect(await store.compareAndSwap(0, second)).toBe('written');
    },
  );
});

describe('a store of heads that breaks', () => {
  it.each([
    ['not-persisted', head],
    ['unacknowledged', second],
  ] as const)('(%s) a swap can be done again, and counts as written', async (fault, kept) => {
    const { store, faults, dump } = memoryLogHead();
    await store.compareAndSwap(0, head);
    faults.breakCall('compareAndSwap', fault);
    await expect(store.compareAndSwap(0, second)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(dump()).toEqual(new Map([[0, kept]]));
    expect(await store.compareAndSwap(0, second)).toBe('written');
    expect(dump()).toEqual(new Map([[0, second]]));
  });

  it('tells of those that followed a swap that was kept in silence', async () => {
    const { store, faults } = memoryLogHead();
    const third = { ...second, version: 3, size: 3 };
    await store.compareAndSwap(0, head);
    faults.breakCall('compareAndSwap', 'unacknowledged');
    await expect(store.compareAndSwap(0, second)).rejects.toThrow('store-unavailable');
    await store.compareAndSwap(0, third);
    expect(await store.compareAndSwap(0, second)).toEqual(third);
  });

  it('is told as store-unavailable by a read', async () => {
    const { store, faults } = memoryLogHead();
    faults.breakCall('read', 'not-persisted');
    await expect(store.read(0)).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});
