import { describe, expect, it } from 'vitest';
import type { KeyRingStore } from '#shared/inquiry/key-ring.ts';
import { sha256, toBase64Url } from '#shared/kernel/bytes.ts';

const box = (name: string): Uint8Array => sha256(name);

/** Keys as texts: stores may hand back any kind of byte array. */
const shown = async (store: KeyRingStore) =>
  (await store.read()).map((key) => ({ ...key, box: toBase64Url(key.box) }));

/** The promises of the port `KeyRingStore`, for every adapter alike. `makeStore` is called once a test. */
export const keyRingContract = (
  name: string,
  makeStore: () => KeyRingStore | Promise<KeyRingStore>,
): void => {
  describe(`${name} as a KeyRingStore`, () => {
    it('has no key where none was made', async () => {
      const store = await makeStore();
      expect(await store.read()).toEqual([]);
    });

    it('makes a key where none stands, and never another in its place', async () => {
      const store = await makeStore();
      expect(await store.make({ n: 1, box: box('one') })).toBe('written');
      expect(await store.make({ n: 1, box: box('another') })).toBe('taken');
      expect(await shown(store)).toEqual([{ n: 1, box: toBase64Url(box('one')) }]);
    });

    it('lets the first of many makers win', async () => {
      const store = await makeStore();
      const makers = Array.from({ length: 10 }, (_, nth) =>
        store.make({ n: 1, box: box(`maker ${nth}`) }),
      );
      const answers = await Promise.all(makers);
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(await shown(store)).toEqual([
        { n: 1, box: toBase64Url(box(`maker ${answers.indexOf('written')}`)) },
      ]);
    });

    it('hands keys back in the order of their numbers, beyond nine too', async () => {
      const store = await makeStore();
      for (const n of [10, 2, 1, 9, 11]) await store.make({ n, box: box(`key ${n}`) });
      expect((await store.read()).map(({ n }) => n)).toEqual([1, 2, 9, 10, 11]);
    });

    it('marks a key as announced, once and for ever', async () => {
      const store = await makeStore();
      const key = { n: 2, box: box('two') };
      await store.make(key);
      const first = { at: 1_800_000_000_000, from: 1_800_087_000_000 };
      expect(await store.mark(key, first)).toBe('written');
      expect(await store.mark(key, { at: 5, from: 6 })).toBe('taken');
      expect(await store.make(key)).toBe('taken');
      expect(await shown(store)).toEqual([
        { n: 2, box: toBase64Url(box('two')), announced: first },
      ]);
    });

    it('keeps a key that signs as soon as it is announced', async () => {
      const store = await makeStore();
      const key = { n: 1, box: box('one') };
      await store.make(key);
      await store.mark(key, { at: 7, from: 0 });
      expect((await store.read()).map(({ announced }) => announced)).toEqual([{ at: 7, from: 0 }]);
    });

    it('marks no key that is not there, and none for another that stands there', async () => {
      const store = await makeStore();
      const announced = { at: 1, from: 2 };
      expect(await store.mark({ n: 3, box: box('three') }, announced)).toBe('taken');
      await store.make({ n: 3, box: box('three') });
      expect(await store.mark({ n: 3, box: box('another') }, announced)).toBe('taken');
      expect(await shown(store)).toEqual([{ n: 3, box: toBase64Url(box('three')) }]);
    });
  });
};
