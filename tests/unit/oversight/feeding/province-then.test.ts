import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '#shared/kernel/id.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { Participant } from '#shared/registry/participant.ts';
import { testNow } from '#tests/support/messages.ts';
import { counterOf } from '#tests/support/registry.ts';

const day = 86_400_000;
const dayStart = Math.floor(testNow / day) * day;
const counter = 'counter:1';

const at = (province: string, version: number): Participant => {
  const { licence, ...rest } = counterOf(counter, { version });
  return { ...rest, ...(licence !== undefined && { licence: { ...licence, province } }) };
};

/** A registry in which a counter moved at some times, and what was asked of it. */
const registryOf = async (
  moves: readonly { readonly t: number; readonly province: string }[],
  initial: readonly Participant[] = [],
) => {
  const registry = memoryRegistryStore(initial);
  for (const [place, { t, province }] of moves.entries()) {
    const n = initial.length + place + 1;
    const id = newId(t, (length) => Buffer.alloc(length, n));
    await registry.store.apply({ n, t, id, leaf: id, command: 'x', entries: [at(province, n)] });
  }
  return { ...registry, asked: () => registry.faults.calls('asOf') };
};

describe('the province of a counter then', () => {
  it('is that of its licence at the beginning of the day, whatever it became on it', async () => {
    const registry = await registryOf([
      { t: dayStart - 1, province: 'قم' },
      { t: dayStart + 1, province: 'فارس' },
    ]);
    const province = provinceThen(registry.store);
    expect(await province(counter, dayStart)).toBe('قم');
    expect(await province(counter, dayStart + day - 1)).toBe('قم');
    expect(await province(counter, dayStart + day)).toBe('فارس');
    expect(registry.asked()).toBe(2);
  });

  it('is what it was at the time on the day that it was registered on', async () => {
    const t = dayStart + 1000;
    const registry = await registryOf([
      { t, province: 'قم' },
      { t: t + 1000, province: 'فارس' },
    ]);
    const province = provinceThen(registry.store);
    const times = [t - 1, t, t + 999, t + 500, t + 1000, t + 5000, t + 3000];
    const found = [];
    for (const time of times) found.push(await province(counter, time));
    expect(found).toEqual([undefined, 'قم', 'قم', 'قم', 'فارس', 'فارس', 'فارس']);
  });

  it('is written as every input is', async () => {
    const registry = await registryOf([{ t: 0, province: 'كرمان' }]);
    expect(await provinceThen(registry.store)(counter, testNow)).toBe('کرمان');
  });

  it('is not known of a counter without a licence, and of one that nobody registered', async () => {
    const unlicensed = { ...counterOf(counter), licence: undefined };
    const province = provinceThen(memoryRegistryStore([unlicensed]).store);
    expect(await province(counter, testNow)).toBeUndefined();
    expect(await province('counter:2', testNow)).toBeUndefined();
  });

  it('is asked for once a counter and day', async () => {
    const registry = await registryOf([{ t: 0, province: 'قم' }]);
    const province = provinceThen(registry.store);
    for (let n = 0; n < 50; n += 1) await province(counter, dayStart + n);
    expect(registry.asked()).toBe(1);
  });

  it('is not remembered where the registry could not be read', async () => {
    const registry = await registryOf([{ t: 0, province: 'قم' }]);
    const province = provinceThen(registry.store);
    registry.faults.breakCall('asOf', 'not-persisted');
    const name = 'store-unavailable';
    await expect(province(counter, testNow)).rejects.toMatchObject({ name });
    expect(await province(counter, testNow)).toBe('قم');
  });

  it('is always what the registry says, in whatever order it is asked for', async () => {
    const hours = fc.integer({ min: 0, max: 71 }).map((hour) => dayStart + hour * 3_600_000);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(hours, { maxLength: 4 }),
        fc.array(hours, { minLength: 1, maxLength: 12 }),
        async (moved, times) => {
          const moves = moved.toSorted((a, b) => a - b).map((t, n) => ({ t, province: `p${n}` }));
          const registry = await registryOf(moves);
          const province = provinceThen(registry.store);
          const standing = (time: number) => moves.findLast(({ t }) => t <= time)?.province;
          for (const time of times) {
            const start = Math.floor(time / day) * day;
            expect(await province(counter, time)).toBe(standing(start) ?? standing(time));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
