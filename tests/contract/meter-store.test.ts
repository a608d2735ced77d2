import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AwsError } from '#functions/runtime/aws-http.ts';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoMeterStore } from '#functions/runtime/dynamo/meter-store.ts';
import { memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import { testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { meterStoreContract, newWindow } from './meter-store-contract.ts';

const faults = ['not-persisted', 'unacknowledged'] as const;

/** A store that does not say what stands when a condition fails. */
const silent =
  (call: AwsJsonCall): AwsJsonCall =>
  async (operation, input) => {
    try {
      return await call(operation, input);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new AwsError(error.code, error.transient, {});
    }
  };

const Row = z.object({ Item: z.object({ x: z.object({ N: z.string() }) }) });

meterStoreContract('memoryMeterStore', () => memoryMeterStore().store);

onEveryDynamo((name, newTable) => {
  meterStoreContract(`dynamoMeterStore over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoMeterStore(call, table);
  });

  it.each(faults)(
    'a take that breaks over it (%s) is told as store-unavailable, and wastes no more than it took',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoMeterStore(breaking.call, table);
      const window = newWindow();
      await store.take(window, { want: 2, most: 10 });
      breaking.breakNext('UpdateItem', fault);
      await expect(store.take(window, { want: 5, most: 10 })).rejects.toMatchObject({
        name: 'store-unavailable',
      });
      const kept = fault === 'unacknowledged' ? 7 : 2;
      expect(await store.read([window])).toEqual([kept]);
      expect(await store.take(window, { want: 9, most: 10 })).toEqual({
        given: 10 - kept,
        used: 10,
      });
    },
  );

  it('one update takes what is wanted, and one more what is left of it', async () => {
    const { call, table } = await newTable();
    const counted = breakingCall(call);
    const store = dynamoMeterStore(counted.call, table);
    const window = newWindow();
    await store.take(window, { want: 8, most: 10 });
    await store.take(window, { want: 8, most: 10 });
    await store.take(window, { want: 8, most: 10 });
    expect(counted.calls.map(({ operation }) => operation)).toEqual(Array(4).fill('UpdateItem'));
  });

  it('of a store that does not say what stands, one use is asked for before none is left', async () => {
    const { call, table } = await newTable();
    const store = dynamoMeterStore(silent(call), table);
    const window = newWindow();
    await store.take(window, { want: 8, most: 10 });
    expect(await store.take(window, { want: 8, most: 10 })).toEqual({ given: 1, used: 9 });
    expect(await store.take(window, { want: 1, most: 10 })).toEqual({ given: 1, used: 10 });
    expect(await store.take(window, { want: 8, most: 10 })).toEqual({ given: 0, used: 10 });
  });

  it.each([
    ['a second', 1000, 3600],
    ['a minute', 60_000, 3600],
    ['a day', 86_400_000, 14 * 86_400],
  ] as const)('keeps %s for a while after its end, and no longer', async (_, length, kept) => {
    const { call, table } = await newTable();
    const window = { ...newWindow(), until: testNow + length };
    await dynamoMeterStore(call, table).take(window, { want: 1, most: 1 });
    const Key = { pk: { S: `M#${window.key}` }, sk: { S: 'used' } };
    const { Item } = Row.parse(await call('GetItem', { TableName: table, Key }));
    expect(Number(Item.x.N)).toBe((testNow + length) / 1000 + kept);
  });
});

describe('a store of meters that is raced', () => {
  it('gives up after some tries, and gives nothing', async () => {
    let used = 0;
    const store = dynamoMeterStore(async () => {
      used += 1;
      const Item = { u: { N: String(used) } };
      throw new AwsError('ConditionalCheckFailedException', false, { Item });
    }, 'table');
    await expect(store.take(newWindow(), { want: 50, most: 1000 })).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(used).toBe(8);
  });
});

describe('a store of meters that breaks', () => {
  it.each(faults)('(%s) wastes no more than was taken', async (fault) => {
    const { store, faults: hooks, dump } = memoryMeterStore();
    const window = newWindow();
    hooks.breakCall('take', fault);
    await expect(store.take(window, { want: 4, most: 10 })).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(dump().get(window.key) ?? 0).toBe(fault === 'unacknowledged' ? 4 : 0);
    const { given, used } = await store.take(window, { want: 9, most: 10 });
    expect([given <= 9, used <= 10]).toEqual([true, true]);
  });

  it('is told as store-unavailable by a read', async () => {
    const { store, faults: hooks } = memoryMeterStore();
    hooks.breakCall('read', 'not-persisted');
    await expect(store.read([])).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});
