import { describe, expect, it } from 'vitest';
import { dynamoKeyRing } from '#functions/runtime/dynamo/key-ring.ts';
import { memoryKeyRing } from '#shared/inquiry/memory-key-ring.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { keyRingContract } from './key-ring-contract.ts';

const key = { n: 1, box: sha256('one') };
const announced = { at: 5, from: 9 };
const unavailable = { name: 'store-unavailable' } as const;

keyRingContract('memoryKeyRing', () => memoryKeyRing().store);

onEveryDynamo((name, newTable) => {
  keyRingContract(`dynamoKeyRing over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoKeyRing(call, table);
  });

  it('reads the key of an installation from before keys were rotated', async () => {
    const { call, table } = await newTable();
    const Item = { pk: { S: 'X' }, sk: { S: 'signing#1' }, d: { B: 'AAAA' }, a: { N: '17' } };
    await call('PutItem', { TableName: table, Item });
    const [standing] = await dynamoKeyRing(call, table).read();
    expect(standing).toMatchObject({ n: 1, announced: { at: 17, from: 0 } });
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a write that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoKeyRing(breaking.call, table);
      const kept = fault === 'unacknowledged';
      breaking.breakNext('PutItem', fault);
      await expect(store.make(key)).rejects.toMatchObject(unavailable);
      expect(await store.read()).toHaveLength(kept ? 1 : 0);
      expect(await store.make(key)).toBe(kept ? 'taken' : 'written');
      breaking.breakNext('PutItem', fault);
      await expect(store.mark(key, announced)).rejects.toMatchObject(unavailable);
      const [standing] = await store.read();
      expect(standing?.announced).toEqual(kept ? announced : undefined);
      expect(await store.mark(key, announced)).toBe(kept ? 'taken' : 'written');
    },
  );

  it('an item that is no key is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const Item = { pk: { S: 'X' }, sk: { S: 'signing#x' }, d: { B: 'AAAA' } };
    await call('PutItem', { TableName: table, Item });
    await expect(dynamoKeyRing(call, table).read()).rejects.toMatchObject(unavailable);
  });
});

describe('a ring in memory that breaks', () => {
  it.each(['not-persisted', 'unacknowledged'] as const)(
    '(%s) can be written again',
    async (fault) => {
      const { store, faults } = memoryKeyRing();
      faults.breakCall('make', fault);
      await expect(store.make(key)).rejects.toMatchObject(unavailable);
      expect(await store.make(key)).toBe(fault === 'unacknowledged' ? 'taken' : 'written');
      faults.breakCall('mark', fault);
      await expect(store.mark(key, announced)).rejects.toMatchObject(unavailable);
      expect(await store.mark(key, announced)).toBe(
        fault === 'unacknowledged' ? 'taken' : 'written',
      );
    },
  );
});
