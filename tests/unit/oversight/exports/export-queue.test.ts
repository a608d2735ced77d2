import { describe, expect, it } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { exportQueue, lookPace, placeTime } from '#shared/oversight/exports/export-queue.ts';
import { type ExportState, unsettled } from '#shared/oversight/exports/export-state.ts';
import { keptJob } from '#shared/oversight/exports/forget-export.ts';
import { listOpen, takePlace } from '#shared/oversight/exports/open-exports.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const day = 86_400_000;

const makeQueue = () => {
  const clock = { now: testNow };
  const [jobs, places] = [memoryJobStore(() => clock.now), memoryJobStore(() => clock.now)];
  const queue = exportQueue({
    jobs: jobs.store,
    openExports: places.store,
    now: () => clock.now,
  });
  const place = (id: InquiryId, by = 'auditor:one') =>
    takePlace(places.store, { id, by }, clock.now);
  const put = async (step: ExportState['step'], by = 'auditor:one'): Promise<InquiryId> => {
    clock.now += 1;
    const id = InquiryId.parse(inquiryIdAt(clock.now));
    const state: ExportState = {
      ...unsettled,
      by,
      asked: '',
      scopes: '',
      step,
      until: clock.now + 7 * day,
      opened: [],
    };
    await jobs.store.swap({ id, version: 1, state, until: clock.now + keptJob });
    return id;
  };
  const nextId = async () => (await queue.next())?.id;
  return { clock, jobs, queue, place, put, nextId, open: () => listOpen(places.store) };
};

describe('which export is worked at next', () => {
  it('is found without a look at all that are kept, but for one now and then', async () => {
    const { jobs, place, put, nextId, clock } = makeQueue();
    await put('done');
    expect(await nextId()).toBeUndefined();
    const id = await put('lines');
    await place(id);
    for (let n = 0; n < 10; n += 1) expect(await nextId()).toBe(id);
    expect(jobs.faults.calls('list')).toBe(1);
    clock.now += lookPace;
    await nextId();
    expect(jobs.faults.calls('list')).toBe(2);
  });

  it('is one of those who audit and one of the others by turns', async () => {
    const { place, put, nextId } = makeQueue();
    const others = [await put('lines', 'counter:1'), await put('lines', 'counter:2')];
    const own = await put('lines');
    for (const [n, id] of others.entries()) await place(id, `counter:${n + 1}`);
    await place(own);
    const served = [await nextId(), await nextId(), await nextId(), await nextId()];
    expect(served).toEqual([own, others[0], own, others[1]]);
  });

  it('has its place again where that was lost, by the next look', async () => {
    const { put, nextId, clock, open } = makeQueue();
    expect(await nextId()).toBeUndefined();
    const id = await put('lines');
    expect(await nextId()).toBeUndefined();
    clock.now += lookPace;
    expect(await nextId()).toBe(id);
    expect((await open()).map((one) => one.id)).toEqual([id]);
  });

  it('loses its place once it is over, and one that was never taken some time after', async () => {
    const { put, place, nextId, clock, open, queue } = makeQueue();
    const done = await put('done');
    const planned = await put('plan');
    const never = InquiryId.parse(inquiryIdAt(testNow));
    await place(done);
    await place(planned);
    await place(never);
    expect(await nextId()).toBeUndefined();
    expect((await open()).map(({ id }) => id)).toEqual([planned, never]);
    clock.now += placeTime;
    await queue.next();
    expect(await open()).toEqual([]);
  });

  it('is at once one that failed in other hands, to be forgotten', async () => {
    const { put, place, nextId, open } = makeQueue();
    expect(await nextId()).toBeUndefined();
    const id = await put('failed');
    await place(id);
    expect(await nextId()).toBe(id);
    expect(await open()).toEqual([]);
  });
});
