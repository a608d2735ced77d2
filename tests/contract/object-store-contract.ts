/** What every ObjectStore promises (shared/audit/ports.ts). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '#shared/audit/ports.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const shown = (object: 'written' | Uint8Array | undefined): string =>
  object instanceof Uint8Array ? Buffer.from(object).toString('utf8') : String(object);

type Replaced = Awaited<ReturnType<ObjectStore['replace']>>;

/** What a replacement came to, as a text. */
const outcome = (replaced: Replaced): string =>
  replaced === 'written' ? replaced : `stands: ${shown(replaced.standing)}`;

/** One of a few objects, or none. */
const few = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ put: few }),
  fc.record({ expected: fc.option(few, { nil: undefined }), replaceBy: few }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What a store that holds one text does, and what it holds then. */
const modelled = (
  held: string | undefined,
  one: Step,
): { readonly held: string | undefined; readonly says: string } => {
  if ('put' in one) {
    const now = held ?? one.put;
    return { held: now, says: now === one.put ? 'written' : now };
  }
  if (held === one.expected || held === one.replaceBy) {
    return { held: one.replaceBy, says: 'written' };
  }
  return { held, says: `stands: ${String(held)}` };
};

const taken = async (store: ObjectStore, key: string, one: Step): Promise<string> => {
  if ('put' in one) return shown(await store.putIfAbsent(key, bytes(one.put)));
  const expected = one.expected === undefined ? undefined : bytes(one.expected);
  return outcome(await store.replace(key, expected, bytes(one.replaceBy)));
};

const largest = (): Uint8Array => Buffer.alloc(16_777_216, 'sixteen bytes !\n');

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

    it('gives any part of an object, as much of it as there is', async () => {
      const store = await makeStore();
      const object = bytes('استعلام: what is asked, and answered');
      await store.putIfAbsent('parts', object);
      const place = fc.record({
        offset: fc.nat({ max: object.length + 3 }),
        length: fc.integer({ min: 1, max: object.length + 3 }),
      });
      await fc.assert(
        fc.asyncProperty(place, async ({ offset, length }) => {
          const part = (await store.get('parts', { offset, length })) ?? bytes('none');
          const wanted = object.subarray(offset, offset + length);
          expect(Buffer.compare(part, wanted)).toBe(0);
        }),
        { numRuns: 60 },
      );
      expect(await store.get('no-parts', { offset: 0, length: 1 })).toBeUndefined();
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
      await expect((async () => store.replace(key, undefined, bytes('x')))()).rejects.toThrow(
        TypeError,
      );
    });

    it('keeps an object of no bytes', async () => {
      const store = await makeStore();
      expect(await store.putIfAbsent('empty', bytes(''))).toBe('written');
      expect(await store.get('empty')).toHaveLength(0);
      expect(outcome(await store.replace('empty', bytes(''), bytes('x')))).toBe('written');
      expect(shown(await store.get('empty'))).toBe('x');
    });

    it('keeps objects of 16 MiB whole, and refuses one of a byte more', async () => {
      const store = await makeStore();
      const object = largest();
      const tooLarge = Buffer.concat([object, bytes('!')]);
      expect(await store.putIfAbsent('large', object)).toBe('written');
      expect(Buffer.compare((await store.get('large')) ?? bytes('none'), object)).toBe(0);
      expect(outcome(await store.replace('large', object, bytes('small')))).toBe('written');
      expect(outcome(await store.replace('large', bytes('small'), object))).toBe('written');
      expect(Buffer.compare((await store.get('large')) ?? bytes('none'), object)).toBe(0);
      const refusal = 'An object holds at most 16 MiB.';
      await expect((async () => store.putIfAbsent('more', tooLarge))()).rejects.toThrow(refusal);
      await expect((async () => store.replace('more', undefined, tooLarge))()).rejects.toThrow(
        RangeError,
      );
      expect(await store.get('more')).toBeUndefined();
    }, 60_000);

    it('replaces what stands by what shall stand, and nothing by the first', async () => {
      const store = await makeStore();
      expect(outcome(await store.replace('checkpoint', undefined, bytes('one')))).toBe('written');
      expect(shown(await store.get('checkpoint'))).toBe('one');
      expect(outcome(await store.replace('checkpoint', bytes('one'), bytes('two')))).toBe(
        'written',
      );
      expect(shown(await store.get('checkpoint'))).toBe('two');
    });

    it('counts a replacement that stands already as written, whatever was expected', async () => {
      const store = await makeStore();
      await store.putIfAbsent('checkpoint', bytes('two'));
      for (const expected of [bytes('one'), bytes('two'), undefined]) {
        expect(outcome(await store.replace('checkpoint', expected, bytes('two')))).toBe('written');
      }
      expect(shown(await store.get('checkpoint'))).toBe('two');
    });

    it('hands over what stands when that is not what was expected, and leaves it', async () => {
      const store = await makeStore();
      expect(outcome(await store.replace('checkpoint', bytes('one'), bytes('two')))).toBe(
        'stands: undefined',
      );
      expect(await store.get('checkpoint')).toBeUndefined();
      await store.putIfAbsent('checkpoint', bytes('other'));
      for (const expected of [bytes('one'), bytes('other '), bytes(''), undefined]) {
        expect(outcome(await store.replace('checkpoint', expected, bytes('two')))).toBe(
          'stands: other',
        );
      }
      expect(shown(await store.get('checkpoint'))).toBe('other');
    });

    it.each([
      ['an object', 'old'],
      ['nothing', undefined],
    ])('lets exactly one of thirty racing replacements of %s win', async (_, before) => {
      const store = await makeStore();
      const old = before === undefined ? undefined : bytes(before);
      if (old !== undefined) await store.putIfAbsent('checkpoint', old);
      const objects = Array.from({ length: 30 }, (_unused, n) => bytes(`${n} `.repeat(1000)));
      const answers = await Promise.all(
        objects.map((object) => store.replace('checkpoint', old, object)),
      );
      const winners = objects.filter((_object, n) => answers[n] === 'written').map(shown);
      expect(winners).toHaveLength(1);
      expect(shown(await store.get('checkpoint'))).toBe(winners[0]);
      expect(new Set(answers.filter((answer) => answer !== 'written').map(outcome))).toEqual(
        new Set(winners.map((winner) => `stands: ${winner}`)),
      );
    });

    it('lets one of a put and a replacement of nothing win, never both', async () => {
      const store = await makeStore();
      const pairs = Array.from({ length: 10 }, (_, n) => `race/${n}`);
      for (const key of pairs) {
        const [put, replaced] = await Promise.all([
          store.putIfAbsent(key, bytes('put')),
          store.replace(key, undefined, bytes('replaced')),
        ]);
        const standing = shown(await store.get(key));
        expect([shown(put), outcome(replaced)]).toEqual(
          standing === 'put' ? ['written', 'stands: put'] : ['replaced', 'written'],
        );
      }
    });

    it('does what a store of one object would do, key by key', async () => {
      const store = await makeStore();
      let count = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          count += 1;
          const key = `steps/${count}`;
          let held: string | undefined;
          for (const one of steps) {
            const expected = modelled(held, one);
            expect(await taken(store, key, one)).toBe(expected.says);
            held = expected.held;
            expect(shown(await store.get(key))).toBe(String(held));
          }
        }),
        { numRuns: 30 },
      );
    });

    it('keeps what it was given, whatever becomes of the bytes of its callers', async () => {
      const store = await makeStore();
      const given = Uint8Array.from(bytes('given'));
      await store.putIfAbsent('put', given);
      await store.replace('replaced', undefined, given);
      given.fill(0);
      for (const key of ['put', 'replaced']) {
        (await store.get(key))?.fill(0);
        expect(shown(await store.get(key))).toBe('given');
      }
    });
  });
};
