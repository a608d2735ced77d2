import { describe, expect, it } from 'vitest';
import { dynamoStatementStore } from '#functions/runtime/dynamo/statement-store.ts';
import { memoryStatementStore } from '#shared/inquiry/memory-statement-store.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { markOf, sampleDay, statementStoreContract } from './statement-store-contract.ts';

const unavailable = { name: 'store-unavailable' } as const;

statementStoreContract('memoryStatementStore', () => memoryStatementStore().store);

onEveryDynamo((name, newTable) => {
  statementStoreContract(`dynamoStatementStore over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoStatementStore(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a swap that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoStatementStore(breaking.call, table);
      const [begun, done] = [markOf('x'), markOf('x', { recorded: true })];
      breaking.breakNext('PutItem', fault);
      const first = store.compareAndSwap(sampleDay, undefined, begun);
      await expect(first).rejects.toMatchObject(unavailable);
      const kept = fault === 'unacknowledged' ? begun : undefined;
      expect(await store.find(sampleDay)).toEqual(kept);
      expect(await store.compareAndSwap(sampleDay, undefined, begun)).toBe('written');
      breaking.breakNext('PutItem', fault);
      const second = store.compareAndSwap(sampleDay, begun, done);
      await expect(second).rejects.toMatchObject(unavailable);
      expect(await store.find(sampleDay)).toEqual(fault === 'unacknowledged' ? done : begun);
      expect(await store.compareAndSwap(sampleDay, begun, done)).toBe('written');
    },
  );

  it('a mark stays: it has no time at which it may go', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    await dynamoStatementStore(breaking.call, table).compareAndSwap(
      sampleDay,
      undefined,
      markOf('x'),
    );
    const input: unknown = JSON.parse(breaking.calls[0]?.input ?? '{}');
    expect(input).toMatchObject({
      Item: { pk: { S: `T#${sampleDay.by}` }, sk: { S: sampleDay.day } },
    });
    expect(breaking.calls[0]?.input).not.toContain('"x":{');
  });
});

describe('a store of stated days that breaks', () => {
  it.each([
    ['not-persisted', 0],
    ['unacknowledged', 1],
  ] as const)('(%s) is told as store-unavailable, and can be put again', async (fault, kept) => {
    const { store, faults, dump } = memoryStatementStore();
    const mark = markOf('x');
    faults.breakCall('compareAndSwap', fault);
    await expect(store.compareAndSwap(sampleDay, undefined, mark)).rejects.toMatchObject(
      unavailable,
    );
    expect(dump()).toHaveLength(kept);
    expect(await store.compareAndSwap(sampleDay, undefined, mark)).toBe('written');
    expect(dump()).toEqual([mark]);
  });

  it('is told as store-unavailable by a read', async () => {
    const { store, faults } = memoryStatementStore();
    faults.breakCall('find', 'not-persisted');
    await expect(store.find(sampleDay)).rejects.toMatchObject(unavailable);
  });
});
