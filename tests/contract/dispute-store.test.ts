import { describe, expect, it } from 'vitest';
import { dynamoDisputeStore } from '#functions/runtime/dynamo/dispute-store.ts';
import { memoryDisputeStore } from '#shared/oversight/subject/memory-dispute-store.ts';
import { breakingCall } from './breaking-call.ts';
import {
  disputeOf,
  disputeStoreContract,
  listedOf,
  markOf,
  sampleInquiry,
} from './dispute-store-contract.ts';
import { onEveryDynamo } from './dynamo.ts';

const unavailable = { name: 'store-unavailable' } as const;
const today = '2027-01-15';

disputeStoreContract('memoryDisputeStore', () => memoryDisputeStore().store);

onEveryDynamo((name, newTable) => {
  disputeStoreContract(`dynamoDisputeStore over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoDisputeStore(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a dispute that breaks over it (%s) is told as store-unavailable, and can be put again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoDisputeStore(breaking.call, table);
      const mark = disputeOf();
      const kept = fault === 'unacknowledged';
      breaking.breakNext('PutItem', fault);
      await expect(store.compareAndSwap(undefined, mark)).rejects.toMatchObject(unavailable);
      expect(await markOf(store, sampleInquiry)).toEqual(kept ? mark : undefined);
      expect(await store.compareAndSwap(undefined, mark)).toBe('written');
      breaking.breakNext('PutItem', fault);
      await expect(store.publish(listedOf(mark))).rejects.toMatchObject(unavailable);
      expect(await store.list(today, { limit: 5 })).toHaveLength(kept ? 1 : 0);
      await store.publish(listedOf(mark));
      expect(await store.list(today, { limit: 5 })).toEqual([listedOf(mark)]);
    },
  );

  it('a dispute stays: it has no time at which it may go, and names nobody', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    const store = dynamoDisputeStore(breaking.call, table);
    const mark = disputeOf();
    await store.compareAndSwap(undefined, mark);
    await store.publish(listedOf(mark));
    const keys = breaking.calls.map(({ input }) => /"pk":\{"S":"([^"]+)"/.exec(input)?.[1]);
    expect(keys).toEqual([`I#${sampleInquiry}`, `D#${today}`]);
    for (const { input } of breaking.calls) expect(input).not.toContain('"x":{');
  });
});

describe('a store of disputes that breaks', () => {
  it.each([
    ['not-persisted', 0],
    ['unacknowledged', 1],
  ] as const)('(%s) is told as store-unavailable, and can be put again', async (fault, kept) => {
    const { store, faults, dump } = memoryDisputeStore();
    const mark = disputeOf();
    faults.breakCall('compareAndSwap', fault);
    await expect(store.compareAndSwap(undefined, mark)).rejects.toMatchObject(unavailable);
    expect(dump().marks).toHaveLength(kept);
    expect(await store.compareAndSwap(undefined, mark)).toBe('written');
    faults.breakCall('publish', fault);
    await expect(store.publish(listedOf(mark))).rejects.toMatchObject(unavailable);
    expect(dump().listed).toHaveLength(kept);
  });

  it.each(['findAll', 'list'] as const)('is told as store-unavailable by %s', async (method) => {
    const { store, faults } = memoryDisputeStore();
    faults.breakCall(method, 'not-persisted');
    const read = {
      findAll: () => store.findAll([sampleInquiry]),
      list: () => store.list(today, { limit: 1 }),
    };
    await expect(read[method]()).rejects.toMatchObject(unavailable);
  });
});
