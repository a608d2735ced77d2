import { describe, expect, it } from 'vitest';
import { dynamoJobStore } from '#functions/runtime/dynamo/job-store.ts';
import type { Job } from '#shared/oversight/job-store.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { testNow } from '#tests/support/messages.ts';
import { breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';
import { jobAt, jobStoreContract, stepOf } from './job-store-contract.ts';

const still = (): number => testNow;
const kind = 'export';
const unavailable = { name: 'store-unavailable' } as const;
const faults = ['not-persisted', 'unacknowledged'] as const;

jobStoreContract('memoryJobStore', (now) => memoryJobStore(now).store);

onEveryDynamo((name, newTable) => {
  jobStoreContract(`dynamoJobStore over ${name}`, async (now) => {
    const { call, table } = await newTable();
    return dynamoJobStore(call, { table, kind, now });
  });

  it.each(faults)(
    'a swap that breaks over it (%s) is told as store-unavailable, and can be done again',
    async (fault) => {
      const { call, table } = await newTable();
      const breaking = breakingCall(call);
      const store = dynamoJobStore(breaking.call, { table, kind, now: still });
      const begun = jobAt(testNow);
      let standing: Job | undefined;
      for (const next of [begun, stepOf(begun, 1)]) {
        breaking.breakNext('PutItem', fault);
        await expect(store.swap(next)).rejects.toMatchObject(unavailable);
        expect(await store.read(begun.id)).toEqual(fault === 'unacknowledged' ? next : standing);
        expect(await store.swap(next)).toBe('written');
        standing = next;
      }
    },
  );

  it('the jobs of one kind are not those of another', async () => {
    const { call, table } = await newTable();
    const [one, other] = [kind, 'export2'].map((own) =>
      dynamoJobStore(call, { table, kind: own, now: still }),
    );
    const job = jobAt(testNow);
    expect(await one?.swap(job)).toBe('written');
    expect(await other?.read(job.id)).toBeUndefined();
    expect(await other?.list()).toEqual([]);
  });

  it('a job may go when its time is over', async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    const job = jobAt(testNow, { until: testNow + 1500 });
    await dynamoJobStore(breaking.call, { table, kind, now: still }).swap(job);
    const input: unknown = JSON.parse(breaking.calls[0]?.input ?? '{}');
    expect(input).toMatchObject({
      Item: {
        pk: { S: 'JOB#export' },
        sk: { S: job.id },
        x: { N: String(testNow / 1000 + 2) },
      },
    });
  });
});

describe('a store of jobs that breaks', () => {
  it.each(faults)('(%s) is told as store-unavailable, and can be put again', async (fault) => {
    const { store, faults: breaking, dump } = memoryJobStore(still);
    const begun = jobAt(testNow);
    breaking.breakCall('swap', fault);
    await expect(store.swap(begun)).rejects.toMatchObject(unavailable);
    expect(dump()).toEqual(fault === 'unacknowledged' ? [begun] : []);
    expect(await store.swap(begun)).toBe('written');
    expect(dump()).toEqual([begun]);
  });

  it.each(['read', 'list'] as const)('is told as store-unavailable by %s', async (method) => {
    const { store, faults: breaking } = memoryJobStore(still);
    breaking.breakCall(method, 'not-persisted');
    const asked = method === 'list' ? store.list() : store.read(jobAt(testNow).id);
    await expect(asked).rejects.toMatchObject(unavailable);
  });
});
