import { describe, expect, it } from 'vitest';
import { dynamoIndexMarks } from '#functions/runtime/dynamo/index-marks.ts';
import { noMark } from '#shared/oversight/feeding/index-marks.ts';
import { memoryIndexMarks } from '#shared/oversight/feeding/memory-index-marks.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { indexMarksContract, someMark } from './index-marks-contract.ts';

const unavailable = { name: 'store-unavailable' } as const;

indexMarksContract('memoryIndexMarks', () => memoryIndexMarks().store);

onEveryDynamo((name, newTable) => {
  indexMarksContract(`dynamoIndexMarks over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoIndexMarks(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a move that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoIndexMarks(breaking.call, table);
      breaking.breakNext('PutItem', fault);
      await expect(store.swap(0, noMark, someMark)).rejects.toMatchObject(unavailable);
      expect(await store.read(0)).toEqual(fault === 'unacknowledged' ? someMark : noMark);
      expect(await store.swap(0, noMark, someMark)).toBe('written');
      breaking.breakNext('PutItem', fault);
      await expect(store.swap(0, someMark, noMark)).rejects.toMatchObject(unavailable);
      expect(await store.swap(0, someMark, noMark)).toBe('written');
      expect(await store.read(0)).toEqual(noMark);
    },
  );

  it('a look at a mark that breaks over it is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    breaking.breakNext('GetItem', 'not-persisted');
    await expect(dynamoIndexMarks(breaking.call, table).read(0)).rejects.toMatchObject(unavailable);
  });
});

describe('marks of the index that break', () => {
  it.each([
    ['not-persisted', noMark],
    ['unacknowledged', someMark],
  ] as const)('(%s) are told as store-unavailable, and can be moved again', async (fault, kept) => {
    const { store, faults, peek } = memoryIndexMarks();
    faults.breakCall('swap', fault);
    await expect(store.swap(0, noMark, someMark)).rejects.toMatchObject(unavailable);
    expect(peek(0)).toEqual(kept);
    expect(await store.swap(0, noMark, someMark)).toBe('written');
    expect(peek(0)).toEqual(someMark);
  });

  it('are told as store-unavailable by a read', async () => {
    const { store, faults } = memoryIndexMarks();
    faults.breakCall('read', 'not-persisted');
    await expect(store.read(0)).rejects.toMatchObject(unavailable);
  });
});
