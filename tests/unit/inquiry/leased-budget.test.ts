import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseSize } from '#shared/inquiry/leased-budget.ts';
import { memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import type { MeterStore } from '#shared/inquiry/meter-store.ts';
import { quotaSpender, type SpendQuota } from '#shared/inquiry/spend-quota.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { testNow } from '#tests/support/messages.ts';
import { dayMeter, metering, secondMeter, trySpend } from './metering.ts';

describe('how many uses are taken at once', () => {
  it.each([
    ['one at first', { spent: 0, waiting: 1, likely: 0 }, 1000, 1],
    ['one while few were used', { spent: 15, waiting: 1, likely: 0 }, 1000, 1],
    ['an eighth of what was used', { spent: 800, waiting: 1, likely: 0 }, 1000, 100],
    ['one for each that waits', { spent: 8, waiting: 40, likely: 0 }, 1000, 40],
    ['half of what the window before needed', { spent: 0, waiting: 1, likely: 91 }, 1000, 46],
    ['that too in the midst of it', { spent: 16, waiting: 1, likely: 90 }, 1000, 45],
    ['but not above an eighth of all', { spent: 0, waiting: 1, likely: 900 }, 1000, 125],
    ['one where nearly nothing was needed', { spent: 0, waiting: 1, likely: 1 }, 1000, 1],
  ])('is %s', (_, state, most, size) => {
    expect(leaseSize(state, most)).toBe(size);
  });
});

/** What may happen to one of three processes: so many inquiries at once, a crash, a broken call. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ at: fc.nat(2), inquiries: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ at: fc.nat(2), crash: fc.constant(true) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: fc.nat(2),
      fault: fc.constantFrom<Fault>('not-persisted', 'unacknowledged'),
    }),
  },
);

describe('leased budgets', () => {
  it('never give out more than the quota, whatever interleaves, crashes or breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 60 }),
        async (scheduler, steps, most) => {
          const { store, faults, dump } = memoryMeterStore();
          const take = scheduler.scheduleFunction(store.take);
          const late: Pick<MeterStore, 'take'> = { take };
          const processes = Array.from({ length: 3 }, () => quotaSpender(late));
          const asked: Promise<boolean>[] = [];
          for (const one of steps) {
            const process: SpendQuota = processes[one.at] ?? quotaSpender(late);
            if ('crash' in one) processes[one.at] = quotaSpender(late);
            else if ('fault' in one) faults.breakCall('take', one.fault);
            else
              for (let n = 0; n < one.inquiries; n += 1) {
                asked.push(trySpend(process, [dayMeter(most)]).catch(() => false));
              }
          }
          await scheduler.waitFor(Promise.all(asked));
          const allowed = (await Promise.all(asked)).filter((was) => was).length;
          const given = [...dump().values()].reduce((sum, one) => sum + one, 0);
          expect(given).toBeLessThanOrEqual(most);
          expect(allowed).toBeLessThanOrEqual(given);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never give out more of any window, of two quotas that are spent together', async () => {
    const use = fc.record({
      at: fc.nat(2),
      second: fc.nat(2),
      inquiries: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(use, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (scheduler, uses, most) => {
          const { store, dump } = memoryMeterStore();
          const late = { take: scheduler.scheduleFunction(store.take) };
          const processes = Array.from({ length: 3 }, () => quotaSpender(late));
          const meters = [secondMeter(most), dayMeter(2 * most)];
          const asked = uses.flatMap(({ at, second, inquiries }) =>
            Array.from({ length: inquiries }, async () => {
              const spend = processes[at] ?? quotaSpender(late);
              return (await trySpend(spend, meters, testNow + second * 1000)) ? second : undefined;
            }),
          );
          await scheduler.waitFor(Promise.all(asked));
          const allowed = (await Promise.all(asked)).filter((second) => second !== undefined);
          for (const [window, given] of dump()) {
            expect(given).toBeLessThanOrEqual(window.includes(' day ') ? 2 * most : most);
          }
          expect(allowed.length).toBeLessThanOrEqual(2 * most);
          for (const second of [0, 1, 2]) {
            const ofIt = allowed.filter((one) => one === second);
            expect(ofIt.length).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of one process give out exactly what is asked, as far as the quota goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        async (bursts, most) => {
          const { spend } = metering();
          let allowed = 0;
          for (const burst of bursts) {
            const came = await Promise.all(
              Array.from({ length: burst }, () => trySpend(spend, [dayMeter(most)])),
            );
            allowed += came.filter((was) => was).length;
          }
          const asked = bursts.reduce((sum, burst) => sum + burst, 0);
          expect(allowed).toBe(Math.min(asked, most));
        },
      ),
    );
  });

  it('strand with a process at most an eighth of what it used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (asked) => {
        const { spend, given } = metering();
        for (let n = 0; n < asked; n += 1) await spend([dayMeter(1_000_000)], testNow);
        expect(given() - asked).toBeLessThanOrEqual(asked / 8);
      }),
      { numRuns: 40 },
    );
  });

  it('cost a busy process one call in hundreds, and a quiet one a call each', async () => {
    const { spend, faults } = metering();
    for (let n = 0; n < 15; n += 1) await spend([dayMeter(1_000_000)], testNow);
    expect(faults.calls('take')).toBe(15);
    for (let n = 15; n < 20_000; n += 1) await spend([dayMeter(1_000_000)], testNow);
    expect(faults.calls('take')).toBeLessThan(20_000 / 200);
  });

  it('are asked for once by those who come together', async () => {
    const { spend, faults, given } = metering();
    await Promise.all(Array.from({ length: 50 }, () => spend([dayMeter(1000)], testNow)));
    expect(faults.calls('take')).toBe(2);
    expect(given()).toBe(50);
  });

  it('take a second by halves of what the one before needed, and no day so', async () => {
    const { spend, faults } = metering();
    for (let n = 0; n < 100; n += 1) await spend([secondMeter(1000)], testNow);
    const first = faults.calls('take');
    for (let n = 0; n < 100; n += 1) await spend([secondMeter(1000)], testNow + 1000);
    expect(faults.calls('take') - first).toBe(2);
    await spend([dayMeter(1000)], testNow);
    await spend([dayMeter(1000)], testNow + 86_400_000);
    await spend([dayMeter(1000)], testNow + 86_400_000);
    expect(faults.calls('take') - first).toBe(5);
  });
});
