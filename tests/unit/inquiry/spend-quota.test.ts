import { describe, expect, it } from 'vitest';
import { maxBudgets } from '#shared/inquiry/spend-quota.ts';
import { testNow } from '#tests/support/messages.ts';
import { dayMeter, metering, secondMeter, trySpend } from './metering.ts';

/** testNow is 11:30 in Tehran. */
const untilMidnight = 12.5 * 3600;

describe('spending quotas', () => {
  it('says how each stands', async () => {
    const { spend } = metering();
    const meters = [dayMeter(3), secondMeter(2)];
    const { limits } = await spend(meters, testNow + 400);
    expect(limits).toEqual([
      { name: 'service-counter-day', quota: 3, window: 86_400, left: 2, reset: untilMidnight },
      { name: 'service-all-second', quota: 2, window: 1, left: 1, reset: 1 },
    ]);
  });

  it('of nothing costs nothing', async () => {
    const { spend, faults } = metering();
    expect((await spend([], testNow)).limits).toEqual([]);
    expect(faults.calls('take')).toBe(0);
  });

  it('is refused when none is left, with how long that lasts', async () => {
    const { spend } = metering();
    for (let n = 0; n < 3; n += 1) await spend([dayMeter(3)], testNow);
    await expect(spend([dayMeter(3)], testNow)).rejects.toMatchObject({
      name: 'rate-limited',
      detail: 'The quota is used up: service-counter-day.',
      extras: {
        check: 'quota-service-counter-day',
        retryAfter: untilMidnight,
        limits: [{ name: 'service-counter-day', quota: 3, left: 0, reset: untilMidnight }],
      },
    });
  });

  it('is refused for as long as the longest of them', async () => {
    const { spend } = metering();
    const meters = [dayMeter(1), secondMeter(1)];
    await spend(meters, testNow);
    await expect(spend(meters, testNow)).rejects.toMatchObject({
      extras: { retryAfter: untilMidnight },
    });
    await expect(spend([secondMeter(1)], testNow)).rejects.toMatchObject({
      extras: { retryAfter: 1 },
    });
  });

  it('remembers that none is left until the window ends', async () => {
    const { spend, faults } = metering();
    await spend([secondMeter(1)], testNow);
    expect(await trySpend(spend, [secondMeter(1)], testNow + 999)).toBe(false);
    expect(await trySpend(spend, [secondMeter(1)], testNow + 999)).toBe(false);
    expect(faults.calls('take')).toBe(1);
    expect(await trySpend(spend, [secondMeter(1)], testNow + 1000)).toBe(true);
  });

  it('begins a new day at midnight in Tehran', async () => {
    const { spend } = metering();
    const midnight = testNow + untilMidnight * 1000;
    await spend([dayMeter(1)], testNow);
    expect(await trySpend(spend, [dayMeter(1)], midnight - 1)).toBe(false);
    expect(await trySpend(spend, [dayMeter(1)], midnight)).toBe(true);
  });

  it('takes nothing of any where one refuses', async () => {
    const { spend } = metering();
    const [scarce, plenty] = [dayMeter(1), secondMeter(5)];
    await spend([scarce, plenty], testNow);
    for (let n = 0; n < 9; n += 1) {
      expect(await trySpend(spend, [scarce, plenty])).toBe(false);
    }
    const { limits } = await spend([plenty], testNow);
    expect(limits[0]?.left).toBe(3);
  });

  it('takes nothing of any where the store fails for one', async () => {
    const { spend, faults } = metering();
    const [one, other] = [dayMeter(2), secondMeter(2)];
    faults.breakCall('take', 'not-persisted', 2);
    await expect(spend([one, other], testNow)).rejects.toMatchObject({ name: 'store-unavailable' });
    const { limits } = await spend([one, other], testNow);
    expect(limits.map(({ left }) => left)).toEqual([1, 1]);
    expect(faults.calls('take')).toBe(3);
  });

  it('counts what was given back as left, and spends it without a call', async () => {
    const { spend, faults } = metering();
    const { giveBack } = await spend([dayMeter(1)], testNow);
    expect(await trySpend(spend, [dayMeter(1)])).toBe(false);
    giveBack();
    const { limits } = await spend([dayMeter(1)], testNow);
    expect(limits[0]?.left).toBe(0);
    expect(faults.calls('take')).toBe(1);
  });

  it('goes by a quota that was raised, and by one that was lowered, at once', async () => {
    const { spend } = metering();
    await spend([dayMeter(1)], testNow);
    expect(await trySpend(spend, [dayMeter(1)])).toBe(false);
    expect(await trySpend(spend, [dayMeter(3)])).toBe(true);
    expect(await trySpend(spend, [dayMeter(2)])).toBe(false);
    expect(await trySpend(spend, [dayMeter(3)])).toBe(true);
    expect(await trySpend(spend, [dayMeter(3)])).toBe(false);
  });

  it('does not spend what is left of a lease above a quota that was lowered', async () => {
    const { spend, given } = metering();
    for (let n = 0; n < 17; n += 1) await spend([dayMeter(100)], testNow);
    expect(given()).toBe(18);
    expect(await trySpend(spend, [dayMeter(17)])).toBe(false);
    expect(await trySpend(spend, [dayMeter(18)])).toBe(true);
  });

  it('keeps meters apart', async () => {
    const { spend } = metering();
    expect(await trySpend(spend, [dayMeter(1, 'a')])).toBe(true);
    expect(await trySpend(spend, [dayMeter(1, 'b')])).toBe(true);
    expect(await trySpend(spend, [dayMeter(1, 'a')])).toBe(false);
  });

  it('forgets what was not used for the longest time, and no quota is exceeded by that', async () => {
    const { spend, faults, given } = metering();
    const [kept, forgotten] = [dayMeter(26, 'kept'), dayMeter(26, 'forgotten')];
    // Two more than these are leased of each by then, as far as there are so many.
    for (let n = 0; n < 24; n += 1) await spend([kept, forgotten], testNow);
    await spend([kept, forgotten], testNow);
    const others = async (from: number): Promise<void> => {
      for (let n = 0; n < maxBudgets / 2; n += 1)
        await spend([dayMeter(1, `${from + n}`)], testNow);
    };
    expect(given()).toBe(52);
    await others(0);
    const before = faults.calls('take');
    await spend([kept], testNow);
    expect(faults.calls('take')).toBe(before);
    await others(maxBudgets);
    expect(await trySpend(spend, [kept])).toBe(false);
    expect(faults.calls('take')).toBe(before + maxBudgets / 2);
    expect(await trySpend(spend, [forgotten])).toBe(false);
    expect(faults.calls('take')).toBe(before + maxBudgets / 2 + 1);
  });
});
