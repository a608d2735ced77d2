import { describe, expect, it } from 'vitest';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { type Address, bucketOf, periodOf } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { journalStoreContract } from './journal-store-contract.ts';

const faults = ['not-persisted', 'unacknowledged'] as const;
const address: Address = {
  shard: 0,
  bucket: bucketOf(testNow),
  slot: 1,
  id: InquiryId.parse(inquiryIdAt(testNow)),
};
const record = { record: Uint8Array.of(1, 2, 3) };
const hold = { vault: Uint8Array.of(5), until: 4_000_000_000_000 };

journalStoreContract('memoryJournalStore', () => memoryJournalStore().store);

onEveryDynamo((storeName, newTable) => {
  journalStoreContract(`dynamoJournalStore over ${storeName}`, async () => {
    const { call, table } = await newTable();
    return dynamoJournalStore(call, table);
  });

  it('fills a page in one query, though every id has three rows', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    const store = dynamoJournalStore(breaking.call, table);
    for (let n = 0; n < 8; n += 1) {
      const own = { ...address, id: InquiryId.parse(inquiryIdAt(testNow)) };
      await store.putIntent(own, { ...record, vault: Uint8Array.of(4) });
      await store.putOutcome(own, { ...record, hold });
      await store.putRecord(own, record);
    }
    const { entries, more } = await store.list(address, { after: '', limit: 5 });
    expect([entries.length, more]).toEqual([5, true]);
    expect(breaking.calls.filter(({ operation }) => operation === 'Query')).toHaveLength(1);
  });

  it.each(faults.flatMap((fault) => (['#o', '#i'] as const).map((row) => [fault, row] as const)))(
    'an erasure that breaks over it (%s, %s) can be done again',
    async (fault, row) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoJournalStore(breaking.call, table);
      await store.putIntent(address, { ...record, vault: Uint8Array.of(4) });
      await store.putOutcome(address, { ...record, hold });
      breaking.breakNext('UpdateItem', fault, `${address.id}${row}`);
      await expect(store.eraseFacts(address)).rejects.toMatchObject({ name: 'store-unavailable' });
      const first = (await store.read(address)).intent?.vault.length;
      expect(first).toBe(fault === 'unacknowledged' && row === '#i' ? 0 : 1);
      // The answer goes first: an empty vault says that all of it is gone.
      const held = (await store.read(address)).outcome?.hold?.vault.length;
      expect(held).toBe(fault === 'not-persisted' && row === '#o' ? 1 : 0);
      await store.eraseFacts(address);
      const { intent, outcome } = await store.read(address);
      const left = outcome?.hold;
      expect([intent?.vault.length, left?.vault.length, left?.until]).toEqual([0, 0, 0]);
      expect(outcome?.record).toHaveLength(3);
    },
  );

  it.each(faults)(
    'a record that breaks over it (%s) is told as store-unavailable, and can be put again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoJournalStore(breaking.call, table);
      breaking.breakNext('PutItem', fault, `${address.id}#r`);
      await expect(store.putRecord(address, record)).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      const kept = (await store.read(address)).record;
      expect(kept === undefined).toBe(fault === 'not-persisted');
      expect(await store.putRecord(address, record)).toBe('written');
    },
  );
});

describe('a journal that breaks', () => {
  it.each(faults)('(%s) a record can be put again, and counts as written', async (fault) => {
    const { store, faults: plan, dump } = memoryJournalStore();
    plan.breakCall('putRecord', fault);
    await expect(store.putRecord(address, record)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(dump()).toHaveLength(fault === 'unacknowledged' ? 1 : 0);
    expect(await store.putRecord(address, record)).toBe('written');
    expect(dump()).toEqual([{ address, record }]);
  });

  it.each([
    ['not-persisted', 1],
    ['unacknowledged', 0],
  ] as const)('(%s) facts can be erased again', async (fault, left) => {
    const { store, faults: plan, rows } = memoryJournalStore();
    await store.putIntent(address, { ...record, vault: Uint8Array.of(4) });
    plan.breakCall('eraseFacts', fault);
    await expect(store.eraseFacts(address)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(rows(address).intent?.vault).toHaveLength(left);
    await store.eraseFacts(address);
    expect(rows(address)).toEqual({ intent: { ...record, vault: new Uint8Array() } });
  });

  it('is told as store-unavailable by whoever asks for its periods', async () => {
    const { store, faults: plan } = memoryJournalStore();
    await store.putRecord(address, record);
    plan.breakCall('periods', 'not-persisted');
    const period = periodOf(address.bucket);
    await expect(store.periods(period, period + 1)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(await store.periods(period, period + 1)).toEqual([period]);
  });
});
