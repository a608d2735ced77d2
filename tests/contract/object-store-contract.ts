/** What every ObjectStore promises (shared/audit/ports.ts). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '#shared/audit/ports.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const shown = (object: 'written' | Uint8Array | undefined): string =>
  object instanceof Uint8Array ? Buffer.from(object).toString('utf8') : String(object);

export const objectStoreContract = (name: string, makeStore: () => Promise<ObjectStore>): void => {
  describe(`${name} as an ObjectStore`, () => {
    it('has nothing under a key that nobody used', async () => {
      const store = await makeStore();
      expect(await store.get('tile/0/000')).toBeUndefined();
    });

    it('keeps the first object of a key and shows it to whoever comes later', async () => {
      const store = await makeStore();
      expect(await store.putIfAbsent('tile/0/000', bytes('first'))).toBe('written');
      expect(shown(await store.putIfAbsent('tile/0/000', bytes('second')))).toBe('first');
      expect(shown(await store.get('tile/0/000'))).toBe('first');
    });

    it('counts the very same bytes as written, however often they come', async () => {
      const store = await makeStore();
      expect(await store.putIfAbsent('checkpoint.1', bytes('same'))).toBe('written');
      expect(await store.putIfAbsent('checkpoint.1', bytes('same'))).toBe('written');
    });

    it('lets exactly one of thirty racing objects stand, whole', async () => {
      const store = await makeStore();
      const objects = Array.from({ length: 30 }, (_, n) => bytes(`${n} `.repeat(1000)));
      const answers = await Promise.all(
        objects.map((object) => store.putIfAbsent('staging/7-root', object)),
      );
      const winners = objects.filter((_, n) => answers[n] === 'written').map(shown);
      expect(winners).toHaveLength(1);
      expect(shown(await store.get('staging/7-root'))).toBe(winners[0]);
      expect(new Set(answers.filter((answer) => answer !== 'written').map(shown))).toEqual(
        new Set(winners),
      );
    });

    it('keeps objects apart whose keys are alike', async () => {
      const store = await makeStore();
      await store.putIfAbsent('tile/entries/x001/067', bytes('a'));
      await store.putIfAbsent('tile/entries/x001/067.p/8', bytes('b'));
      expect(shown(await store.get('tile/entries/x001/067'))).toBe('a');
      expect(shown(await store.get('tile/entries/x001/067.p/8'))).toBe('b');
    });

    it('gives back any bytes as they were', async () => {
      const store = await makeStore();
      let count = 0;
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (object) => {
          count += 1;
          const key = `any/${count}`;
          expect(await store.putIfAbsent(key, object)).toBe('written');
          expect(Buffer.compare((await store.get(key)) ?? bytes('none'), object)).toBe(0);
        }),
        { numRuns: 40 },
      );
    });

    it.each([
      '',
      '/',
      'a//b',
      '../a',
      'a/../b',
      '.hidden',
      'A',
      'a b',
      'a\u0000',
      `${'a/'.repeat(16)}a`,
    ])('refuses the key %j', async (key) => {
      const store = await makeStore();
      await expect((async () => store.putIfAbsent(key, bytes('x')))()).rejects.toThrow(
        'This is no key of an object.',
      );
      await expect((async () => store.get(key))()).rejects.toThrow(TypeError);
    });
  });
};
