import { describe, expect, it } from 'vitest';
import { dynamoLogIndex } from '#functions/runtime/dynamo/log-index.ts';
import type { Places } from '#shared/audit/log-index.ts';
import { memoryLogIndex } from '#shared/audit/memory-log-index.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { logIndexContract } from './log-index-contract.ts';

const bucket = 180_000_000;

/** Every slot of a bucket. */
const places: Places = {
  ranges: Array.from({ length: 16 }, (_, slot) => ({ bucket, slot, start: slot, count: 1 })),
  late: [],
};
const at = { shard: 0, bucket, slot: 3 };
const own: Places = { ranges: [{ bucket, slot: 3, start: 3, count: 1 }], late: [] };

logIndexContract('memoryLogIndex', () => memoryLogIndex().store);

onEveryDynamo((name, newTable) => {
  logIndexContract(`dynamoLogIndex over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoLogIndex(call, table);
  });

  it('writes one item a bucket, small enough for one write unit, and it again as itself', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    const store = dynamoLogIndex(breaking.call, table);
    await store.put(0, places);
    await store.put(0, { ...places, ranges: places.ranges.toReversed() });
    const [first, second] = breaking.calls.map(({ input }) => input);
    expect(breaking.calls).toHaveLength(2);
    expect(first?.length).toBeLessThan(1024);
    expect(second).toBe(first);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a put that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoLogIndex(breaking.call, table);
      breaking.breakNext('PutItem', fault);
      await expect(store.put(0, places)).rejects.toMatchObject({ name: 'store-unavailable' });
      await store.put(0, places);
      expect(await store.find(at)).toEqual(own);
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'an advance that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoLogIndex(breaking.call, table);
      breaking.breakNext('PutItem', fault);
      await expect(store.advance(0, 5)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.fed(0)).toBe(fault === 'unacknowledged' ? 5 : 0);
      await store.advance(0, 5);
      expect(await store.fed(0)).toBe(5);
    },
  );

  it('a look at how far it is fed that breaks is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    breaking.breakNext('GetItem', 'not-persisted');
    const store = dynamoLogIndex(breaking.call, table);
    await expect(store.fed(0)).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it('a find that breaks over it is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    breaking.breakNext('Query', 'not-persisted');
    const store = dynamoLogIndex(breaking.call, table);
    await expect(store.find(at)).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});

describe('an index that breaks', () => {
  it.each(['not-persisted', 'unacknowledged'] as const)(
    '(%s) is told as store-unavailable, and the same places can be put again',
    async (fault) => {
      const { store, faults, dump } = memoryLogIndex();
      faults.breakCall('put', fault);
      await expect(store.put(0, places)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(dump(0).ranges).toHaveLength(fault === 'unacknowledged' ? 16 : 0);
      await store.put(0, places);
      expect(await store.find(at)).toEqual(own);
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    '(%s) says how far it was fed only when it was kept',
    async (fault) => {
      const { store, faults } = memoryLogIndex();
      faults.breakCall('advance', fault);
      await expect(store.advance(0, 5)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.fed(0)).toBe(fault === 'unacknowledged' ? 5 : 0);
    },
  );
});
