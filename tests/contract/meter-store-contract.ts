import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterStore } from '#shared/inquiry/meter-store.ts';
import type { MeterWindow } from '#shared/inquiry/meter-window.ts';
import { testNow } from '#tests/support/messages.ts';

/** A window that no other test knows. */
export const newWindow = (): MeterWindow => ({
  key: `service-counter post/postal-address@1 counter:${crypto.randomUUID()} second 1800000000`,
  from: testNow,
  until: testNow + 1000,
});

/** The promises of the port `MeterStore`, for every adapter alike. */
export const meterStoreContract = (
  name: string,
  makeStore: () => MeterStore | Promise<MeterStore>,
): void => {
  describe(`${name} as a MeterStore`, () => {
    it('gives what is wanted, and says how many were given to everybody', async () => {
      const store = await makeStore();
      const window = newWindow();
      expect(await store.take(window, { want: 1, most: 10 })).toEqual({ given: 1, used: 1 });
      expect(await store.take(window, { want: 7, most: 10 })).toEqual({ given: 7, used: 8 });
      expect(await store.read([window])).toEqual([8]);
    });

    it('gives what is left where that is less, and then nothing', async () => {
      const store = await makeStore();
      const window = newWindow();
      await store.take(window, { want: 8, most: 10 });
      expect(await store.take(window, { want: 5, most: 10 })).toEqual({ given: 2, used: 10 });
      const { given, used } = await store.take(window, { want: 5, most: 10 });
      expect([given, used >= 10]).toEqual([0, true]);
      expect(await store.read([window])).toEqual([10]);
    });

    it('gives no more than the whole, however much is wanted', async () => {
      const store = await makeStore();
      const window = newWindow();
      expect(await store.take(window, { want: 1000, most: 3 })).toEqual({ given: 3, used: 3 });
    });

    it('gives nothing below what was given before the whole became less, and more once it is more', async () => {
      const store = await makeStore();
      const window = newWindow();
      await store.take(window, { want: 6, most: 10 });
      expect((await store.take(window, { want: 1, most: 4 })).given).toBe(0);
      expect((await store.take(window, { want: 1, most: 6 })).given).toBe(0);
      expect(await store.take(window, { want: 4, most: 8 })).toEqual({ given: 2, used: 8 });
    });

    it('keeps windows and meters apart', async () => {
      const store = await makeStore();
      const [one, other] = [newWindow(), newWindow()];
      const next = { ...one, key: one.key.replace('1800000000', '1800000001') };
      await store.take(one, { want: 3, most: 3 });
      expect((await store.take(other, { want: 1, most: 3 })).given).toBe(1);
      expect((await store.take(next, { want: 2, most: 3 })).given).toBe(2);
      expect(await store.read([next, newWindow(), one, other])).toEqual([2, 0, 3, 1]);
    });

    it('gives thirty who race for twenty exactly twenty', async () => {
      const store = await makeStore();
      const window = newWindow();
      const taken = await Promise.all(
        Array.from({ length: 30 }, () => store.take(window, { want: 1, most: 20 })),
      );
      expect(taken.reduce((sum, { given }) => sum + given, 0)).toBe(20);
      expect(await store.read([window])).toEqual([20]);
    });

    it('gives all that is left, and no more, to any who take one after another', async () => {
      const store = await makeStore();
      const wants = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(wants, fc.integer({ min: 1, max: 20 }), async (all, most) => {
          const window = newWindow();
          let sum = 0;
          for (const want of all) {
            const { given } = await store.take(window, { want, most });
            expect(given).toBe(Math.min(want, most - sum));
            sum += given;
          }
          expect(await store.read([window])).toEqual([sum]);
        }),
        { numRuns: 15 },
      );
    });
  });
};
