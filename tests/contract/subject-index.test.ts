import { describe, expect, it } from 'vitest';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { rowOf, sampleTag, subjectIndexContract } from './subject-index-contract.ts';

const unavailable = { name: 'store-unavailable' } as const;
const page = { before: testNow + 1, limit: 10 } as const;
const row = rowOf(testNow, 6);

subjectIndexContract('memorySubjectIndex', () => memorySubjectIndex().store);

onEveryDynamo((name, newTable) => {
  subjectIndexContract(`dynamoSubjectIndex over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoSubjectIndex(call, table);
  });

  it('a row is one small item with nothing of a person, spread over four partitions', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    await dynamoSubjectIndex(breaking.call, table).put([row]);
    const input: unknown = JSON.parse(breaking.calls[0]?.input ?? '{}');
    const sk = `${testNow}#0000#0000000000000006`;
    expect(input).toMatchObject({
      Item: { pk: { S: `S#${sampleTag}#2` }, sk: { S: sk }, i: { S: row.id } },
    });
    expect(breaking.calls[0]?.input.length).toBeLessThan(400);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a put of a row that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoSubjectIndex(breaking.call, table);
      breaking.breakNext('PutItem', fault);
      await expect(store.put([row])).rejects.toMatchObject(unavailable);
      const kept = fault === 'unacknowledged' ? [row] : [];
      expect((await store.list(sampleTag, page)).rows).toEqual(kept);
      await store.put([row]);
      expect((await store.list(sampleTag, page)).rows).toEqual([row]);
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a removal that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoSubjectIndex(breaking.call, table);
      await store.put([row]);
      breaking.breakNext('DeleteItem', fault);
      await expect(store.remove([row])).rejects.toMatchObject(unavailable);
      const left = fault === 'unacknowledged' ? [] : [row];
      expect((await store.list(sampleTag, page)).rows).toEqual(left);
      await store.remove([row]);
      expect((await store.list(sampleTag, page)).rows).toEqual([]);
    },
  );

  it('a list of rows that breaks over it is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    breaking.breakNext('Query', 'not-persisted');
    const list = dynamoSubjectIndex(breaking.call, table).list(sampleTag, page);
    await expect(list).rejects.toMatchObject(unavailable);
  });
});

describe('a subject index that breaks', () => {
  it.each([
    ['not-persisted', 0, 1],
    ['unacknowledged', 1, 0],
  ] as const)(
    '(%s) says so of puts and removals, and does them again',
    async (fault, put, left) => {
      const { store, faults, dump } = memorySubjectIndex();
      faults.breakCall('put', fault);
      await expect(store.put([row])).rejects.toMatchObject(unavailable);
      expect(dump()).toHaveLength(put);
      await store.put([row]);
      faults.breakCall('remove', fault);
      await expect(store.remove([row])).rejects.toMatchObject(unavailable);
      expect(dump()).toHaveLength(left);
      await store.remove([row]);
      expect(dump()).toEqual([]);
    },
  );

  it('says so of a list', async () => {
    const { store, faults } = memorySubjectIndex();
    faults.breakCall('list', 'not-persisted');
    await expect(store.list(sampleTag, page)).rejects.toMatchObject(unavailable);
  });
});
