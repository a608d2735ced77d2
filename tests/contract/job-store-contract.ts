import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '#shared/kernel/clock.ts';
import { type Job, type JobStore, maxJobState } from '#shared/oversight/job-store.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const day = 86_400_000;

export const jobAt = (milliseconds: number, change: Partial<Job> = {}): Job => ({
  id: inquiryIdAt(milliseconds),
  version: 1,
  state: { step: 'begun', done: 0 },
  until: testNow + day,
  ...change,
});

export const stepOf = (job: Job, done: number): Job => ({
  ...job,
  version: job.version + 1,
  state: { step: 'running', done },
});

const anyState = fc
  .record(
    {
      step: fc.string(),
      done: fc.maxSafeNat(),
      ids: fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }),
      nested: fc.record({ on: fc.boolean(), none: fc.constant(null) }),
    },
    { requiredKeys: ['step'] },
  )
  .map((state) => structuredClone(state));

/** The promises of the port `JobStore`, for every adapter alike. `makeStore` is called once a test. */
export const jobStoreContract = (
  name: string,
  makeStore: (now: Clock) => JobStore | Promise<JobStore>,
): void => {
  const still: Clock = () => testNow;

  describe(`${name} as a JobStore`, () => {
    it('has no job that did not begin', async () => {
      const store = await makeStore(still);
      expect(await store.read(inquiryIdAt(testNow))).toBeUndefined();
      expect(await store.list()).toEqual([]);
    });

    it('gives back a job as it was put, and its next state after that', async () => {
      const store = await makeStore(still);
      const begun = jobAt(testNow);
      const next = stepOf(begun, 7);
      expect(await store.swap(begun)).toBe('written');
      expect(await store.read(begun.id)).toEqual(begun);
      expect(await store.swap(next)).toBe('written');
      expect(await store.read(begun.id)).toEqual(next);
      expect(await store.list()).toEqual([next]);
    });

    it('gives back every state', async () => {
      const store = await makeStore(still);
      await fc.assert(
        fc.asyncProperty(anyState, async (state) => {
          const job = jobAt(testNow, { state });
          expect(await store.swap(job)).toBe('written');
          expect(await store.read(job.id)).toEqual(job);
        }),
        { numRuns: 40 },
      );
    });

    it('lists every job, oldest first', async () => {
      const store = await makeStore(still);
      const jobs = [5, 1, 3].map((n) => jobAt(testNow + n, { state: { n } }));
      for (const job of jobs) await store.swap(job);
      expect((await store.list()).map(({ state }) => state['n'])).toEqual([1, 3, 5]);
    });

    it.each([-1, 0, 2, 5])(
      'hands back what stands to whoever expected another version (%i off), and keeps it',
      async (off) => {
        const store = await makeStore(still);
        const begun = jobAt(testNow);
        const standing = stepOf(begun, 1);
        await store.swap(begun);
        await store.swap(standing);
        const wrong = { ...stepOf(standing, 2), version: standing.version + off };
        expect(await store.swap(wrong)).toEqual({ standing });
        expect(await store.read(begun.id)).toEqual(standing);
      },
    );

    it('swaps nothing where nothing stands and a job was expected', async () => {
      const store = await makeStore(still);
      const next = stepOf(jobAt(testNow), 1);
      expect(await store.swap(next)).toEqual({ standing: undefined });
      expect(await store.list()).toEqual([]);
    });

    it('counts the very same that stands as written', async () => {
      const store = await makeStore(still);
      const begun = jobAt(testNow);
      const next = stepOf(begun, 1);
      await store.swap(begun);
      expect(await store.swap({ ...begun, state: { done: 0, step: 'begun' } })).toBe('written');
      await store.swap(next);
      expect(await store.swap(next)).toBe('written');
    });

    it.each(['state', 'until'] as const)('does not count another %s as the same', async (part) => {
      const store = await makeStore(still);
      const standing = jobAt(testNow);
      await store.swap(standing);
      const other = { ...standing, [part]: part === 'until' ? testNow + 2 * day : { done: 1 } };
      expect(await store.swap(other)).toEqual({ standing });
    });

    it('lets one of many win', async () => {
      const store = await makeStore(still);
      const begun = jobAt(testNow);
      await store.swap(begun);
      const nexts = Array.from({ length: 10 }, (_, n) => stepOf(begun, n));
      const answers = await Promise.all(nexts.map((next) => store.swap(next)));
      const winners = nexts.filter((_, n) => answers[n] === 'written');
      expect(winners).toHaveLength(1);
      expect(await store.list()).toEqual(winners);
    });

    it.each([
      [day - 1, true],
      [day, false],
    ])('after %i ms a job that is kept for a day is there: %s', async (later, isThere) => {
      let time = testNow;
      const store = await makeStore(() => time);
      const job = jobAt(testNow);
      await store.swap(job);
      time += later;
      expect(await store.read(job.id)).toEqual(isThere ? job : undefined);
      expect(await store.list()).toEqual(isThere ? [job] : []);
    });

    it('takes a state of 300 KB, and none that is larger or has a fraction', async () => {
      const store = await makeStore(still);
      const largest = 'x'.repeat(maxJobState - '{"a":""}'.length);
      const job = jobAt(testNow, { state: { a: largest } });
      expect(await store.swap(job)).toBe('written');
      expect(await store.read(job.id)).toEqual(job);
      for (const state of [{ a: `${largest}x` }, { a: 0.5 }]) {
        await expect(store.swap(jobAt(testNow, { state }))).rejects.toThrow(RangeError);
      }
      expect(await store.list()).toHaveLength(1);
    });
  });
};
