import { describe, expect, it } from 'vitest';
import { dynamoHoldKeyStore } from '#functions/runtime/dynamo/hold-key-store.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { bucketOf, periodOf } from '#shared/audit/address.ts';
import { endOfHoldWindow, holdWindowOf } from '#shared/inquiry/hold-key-store.ts';
import { memoryHoldKeyStore } from '#shared/inquiry/memory-hold-key-store.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { holdKeyStoreContract } from './hold-key-store-contract.ts';

const faults = ['not-persisted', 'unacknowledged'] as const;
const unavailable = { name: 'store-unavailable' } as const;
const window = 13_000_000;
const box = sha256('box');

holdKeyStoreContract('memoryHoldKeyStore', () => memoryHoldKeyStore().store);

onEveryDynamo((name, newTable) => {
  const setUp = async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    return { call, table, breaking, store: dynamoHoldKeyStore(breaking.call, table) };
  };

  holdKeyStoreContract(`dynamoHoldKeyStore over ${name}`, async () => (await setUp()).store);

  it.each(faults)(
    'a key that breaks over it (%s) is told as store-unavailable, and can be made again',
    async (fault) => {
      const { breaking, store } = await setUp();
      breaking.breakNext('PutItem', fault);
      await expect(store.make(window, sha256('first'))).rejects.toMatchObject(unavailable);
      expect((await store.find(window)) === undefined).toBe(fault === 'not-persisted');
      const stands = fault === 'not-persisted' ? box : sha256('first');
      expect(Buffer.from(await store.make(window, box))).toEqual(Buffer.from(stands));
    },
  );

  it('a key that cannot be read is told as store-unavailable', async () => {
    const { breaking, store } = await setUp();
    await store.make(window, box);
    breaking.breakNext('GetItem', 'not-persisted');
    await expect(store.find(window)).rejects.toMatchObject(unavailable);
  });

  it('a key costs one call, and lasts to the second in which its window ends', async () => {
    const { breaking, store } = await setUp();
    await store.make(window, box);
    expect(breaking.calls).toHaveLength(1);
    const { input = '' } = breaking.calls[0] ?? {};
    // What looks at the table from outside knows a key by this prefix.
    expect(input).toContain(`"pk":{"S":"H#${window}"}`);
    expect(input).toContain(`"x":{"N":"${endOfHoldWindow(window) / 1000}"}`);
    expect(Number.isInteger(endOfHoldWindow(window) / 1000)).toBe(true);
  });

  it('no key is met by whoever lists the journal or its periods', async () => {
    const { call, table, store } = await setUp();
    const journal = dynamoJournalStore(call, table);
    await store.make(holdWindowOf(testNow), box);
    for (const number of [bucketOf(testNow), holdWindowOf(testNow)]) {
      const partition = { shard: 0, bucket: number, slot: 0 };
      const { entries } = await journal.list(partition, { after: '', limit: 10 });
      expect(entries).toEqual([]);
    }
    const period = periodOf(bucketOf(testNow));
    expect(await journal.periods(period - 300, period + 300)).toEqual([]);
  });
});

describe('a store of keys in memory that breaks', () => {
  it.each(faults)('(%s) can be asked again', async (fault) => {
    const { store, faults: plan, dump } = memoryHoldKeyStore();
    plan.breakCall('make', fault);
    await expect(store.make(window, box)).rejects.toMatchObject(unavailable);
    expect(dump().size).toBe(fault === 'unacknowledged' ? 1 : 0);
    expect(await store.make(window, box)).toEqual(box.slice());
    plan.breakCall('find', fault);
    await expect(store.find(window)).rejects.toMatchObject(unavailable);
    expect(await store.find(window)).toBeDefined();
  });
});
