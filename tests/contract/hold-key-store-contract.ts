import { describe, expect, it } from 'vitest';
import type { HoldKeyStore } from '#shared/inquiry/hold-key-store.ts';
import { sha256, toBase64Url } from '#shared/kernel/bytes.ts';

const box = (name: string): Uint8Array => sha256(name);

const shown = (bytes: Uint8Array | undefined): string | undefined => bytes && toBase64Url(bytes);

/** The promises of the port `HoldKeyStore`, for every adapter alike. `makeStore` is called once a test. */
export const holdKeyStoreContract = (
  name: string,
  makeStore: () => HoldKeyStore | Promise<HoldKeyStore>,
): void => {
  describe(`${name} as a HoldKeyStore`, () => {
    /** Far off, so that no store throws the row away. */
    const window = 13_000_000;

    it('has no key where none was made', async () => {
      const store = await makeStore();
      expect(await store.find(window)).toBeUndefined();
    });

    it('makes a key where none stands, and never another in its place', async () => {
      const store = await makeStore();
      expect(shown(await store.make(window, box('one')))).toBe(shown(box('one')));
      expect(shown(await store.make(window, box('another')))).toBe(shown(box('one')));
      expect(shown(await store.find(window))).toBe(shown(box('one')));
    });

    it('tells all of many makers which one stands', async () => {
      const store = await makeStore();
      const boxes = Array.from({ length: 20 }, (_, nth) => box(`maker ${nth}`));
      const answers = await Promise.all(boxes.map((one) => store.make(window, one)));
      const stands = new Set(answers.map(shown));
      expect(stands.size).toBe(1);
      expect(boxes.map(shown)).toContain([...stands][0]);
      expect(shown(await store.find(window))).toBe([...stands][0]);
    });

    it('keeps windows apart, however alike their numbers are', async () => {
      const store = await makeStore();
      const windows = [window, window + 1, window * 10, window / 10];
      for (const one of windows) await store.make(one, box(`window ${one}`));
      const found = await Promise.all(windows.map((one) => store.find(one)));
      expect(found.map(shown)).toEqual(windows.map((one) => shown(box(`window ${one}`))));
    });
  });
};
