import { describe, expect, it } from 'vitest';
import { dynamoRefusalNotes } from '#functions/runtime/dynamo/refusal-notes.ts';
import { memoryRefusalNotes } from '#shared/inquiry/memory-refusal-notes.ts';
import { noteTime } from '#shared/inquiry/refusal-notes.ts';
import { testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { refusalNotesContract, sampleNote } from './refusal-notes-contract.ts';

const still = (): number => testNow;

refusalNotesContract('memoryRefusalNotes', (now) => memoryRefusalNotes(now).store);

onEveryDynamo((name, newTable) => {
  refusalNotesContract(`dynamoRefusalNotes over ${name}`, async (now) => {
    const { call, table } = await newTable();
    return dynamoRefusalNotes(call, table, now);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a put that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoRefusalNotes(breaking.call, table, still);
      breaking.breakNext('PutItem', fault);
      await expect(store.put(sampleNote)).rejects.toMatchObject({ name: 'store-unavailable' });
      const kept = await store.find(sampleNote.request);
      expect(kept !== undefined).toBe(fault === 'unacknowledged');
      await store.put(sampleNote);
      expect(await store.find(sampleNote.request)).toEqual(sampleNote);
    },
  );

  it('a note may go a day after it was put, and its key names nobody', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    await dynamoRefusalNotes(breaking.call, table, still).put(sampleNote);
    const [put] = breaking.calls;
    const input: unknown = JSON.parse(put?.input ?? '{}');
    expect(input).toMatchObject({
      Item: {
        pk: { S: `R#${sampleNote.request}` },
        sk: { S: 'note' },
        x: { N: String((testNow + noteTime) / 1000) },
      },
    });
  });
});

describe('a store of notes that breaks', () => {
  it.each([
    ['not-persisted', 0],
    ['unacknowledged', 1],
  ] as const)('(%s) is told as store-unavailable, and can be put again', async (fault, kept) => {
    const { store, faults, dump } = memoryRefusalNotes(still);
    faults.breakCall('put', fault);
    await expect(store.put(sampleNote)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(dump()).toHaveLength(kept);
    await store.put(sampleNote);
    expect(dump()).toEqual([sampleNote]);
  });

  it('is told as store-unavailable by a read', async () => {
    const { store, faults } = memoryRefusalNotes(still);
    faults.breakCall('find', 'not-persisted');
    await expect(store.find('x')).rejects.toMatchObject({ name: 'store-unavailable' });
  });
});
