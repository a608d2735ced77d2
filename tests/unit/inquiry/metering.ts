/** Meters, and processes that spend them over one store. */
import { type MemoryMeterStore, memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import { quotaSpender, type SpendQuota } from '#shared/inquiry/spend-quota.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { Meter } from '#shared/registry/meters.ts';
import { testNow } from '#tests/support/messages.ts';

export const dayMeter = (most: number, key = 'service-counter a'): Meter => ({
  name: 'service-counter-day',
  key,
  per: 'day',
  most,
});

export const secondMeter = (most: number, key = 'service-all a'): Meter => ({
  name: 'service-all-second',
  key,
  per: 'second',
  most,
});

/** Whether one use of each meter was spent; anything but a refusal by quota is thrown. */
export const trySpend = async (
  spend: SpendQuota,
  meters: readonly Meter[],
  t: number = testNow,
): Promise<boolean> => {
  try {
    await spend(meters, t);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.name === 'rate-limited') return false;
    throw error;
  }
};

export type Metering = MemoryMeterStore & {
  readonly spend: SpendQuota;
  /** All that was given out of all windows. */
  readonly given: () => number;
};

export const metering = (): Metering => {
  const memory = memoryMeterStore();
  const given = (): number => [...memory.dump().values()].reduce((sum, one) => sum + one, 0);
  return { ...memory, spend: quotaSpender(memory.store), given };
};
