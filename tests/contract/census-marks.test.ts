import { describe, expect, it } from 'vitest';
import { dynamoCensusMarks } from '#functions/runtime/dynamo/census-marks.ts';
import { memoryCensusMarks } from '#shared/oversight/census/memory-census-marks.ts';
import { breakingCall } from './breaking-call.ts';
import { censusMarkOf, censusMarksContract } from './census-marks-contract.ts';
import { onEveryDynamo } from './dynamo.ts';

const unavailable = { name: 'store-unavailable' } as const;
const [begun, done] = [censusMarkOf(1), censusMarkOf(1, { state: 'recorded' })];

censusMarksContract('memoryCensusMarks', () => memoryCensusMarks().store);

onEveryDynamo((name, newTable) => {
  censusMarksContract(`dynamoCensusMarks over ${name}`, async () => {
    const { call, table } = await newTable();
    return dynamoCensusMarks(call, table);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a census mark that breaks over it (%s) is told as store-unavailable, and can be put again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoCensusMarks(breaking.call, table);
      const kept = fault === 'unacknowledged';
      breaking.breakNext('PutItem', fault);
      await expect(store.swap(0, undefined, begun)).rejects.toMatchObject(unavailable);
      expect(await store.read(0)).toEqual(kept ? begun : undefined);
      expect(await store.swap(0, undefined, begun)).toBe('written');
      breaking.breakNext('PutItem', fault);
      await expect(store.swap(0, begun, done)).rejects.toMatchObject(unavailable);
      expect(await store.read(0)).toEqual(kept ? done : begun);
      expect(await store.swap(0, begun, done)).toBe('written');
    },
  );

  it('a census mark that says nothing of the index is compared from the first leaf on', async () => {
    const { call, table } = await newTable();
    const store = dynamoCensusMarks(call, table);
    const { from, to, leaf, state } = done;
    const item = { f: { N: `${from}` }, t: { N: `${to}` }, l: { S: leaf }, s: { S: state } };
    const key = { pk: { S: 'C#0' }, sk: { S: 'census' } };
    await call('PutItem', { TableName: table, Item: { ...key, ...item } });
    expect(await store.read(0)).toEqual(done);
    const next = { ...done, compared: 50 };
    expect(await store.swap(0, { ...done, compared: 1 }, next)).toEqual({ standing: done });
    expect(await store.swap(0, done, next)).toBe('written');
    expect(await store.read(0)).toEqual(next);
  });

  it('a look at a census mark that breaks over it is told as store-unavailable', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    breaking.breakNext('GetItem', 'not-persisted');
    const looking = dynamoCensusMarks(breaking.call, table).read(0);
    await expect(looking).rejects.toMatchObject(unavailable);
  });
});

describe('marks of censuses that break', () => {
  it.each([
    ['not-persisted', undefined],
    ['unacknowledged', begun],
  ] as const)(
    '(%s) are told as store-unavailable, and can be swapped again',
    async (fault, kept) => {
      const { store, faults, peek } = memoryCensusMarks();
      faults.breakCall('swap', fault);
      await expect(store.swap(0, undefined, begun)).rejects.toMatchObject(unavailable);
      expect(peek(0)).toEqual(kept);
      expect(await store.swap(0, undefined, begun)).toBe('written');
    },
  );

  it('are told as store-unavailable by a look', async () => {
    const { store, faults } = memoryCensusMarks();
    faults.breakCall('read', 'not-persisted');
    await expect(store.read(0)).rejects.toMatchObject(unavailable);
  });
});
