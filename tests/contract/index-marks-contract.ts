import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IndexMarks, noMark } from '#shared/oversight/feeding/index-marks.ts';

export const someMark = { size: 256, until: 1_800_000_000_000 } as const;

/** The promises of the port `IndexMarks`, for every adapter alike. `makeStore` is called once a test. */
export const indexMarksContract = (
  name: string,
  makeStore: () => IndexMarks | Promise<IndexMarks>,
): void => {
  describe(`${name} as IndexMarks`, () => {
    it('knows nothing of a log that nobody fed', async () => {
      const store = await makeStore();
      expect(await store.read(0)).toEqual(noMark);
    });

    it('moves on, and back to the beginning', async () => {
      const store = await makeStore();
      const further = { size: 257, until: someMark.until + 10_000 };
      const timed = { ...further, late: 0 };
      const later = { ...further, late: 7_200_000 };
      const steps = [noMark, someMark, further, timed, later, further, noMark, timed, noMark];
      for (const [n, next] of steps.slice(1).entries()) {
        expect(await store.swap(0, steps[n] ?? noMark, next)).toBe('written');
        expect(await store.read(0)).toEqual(next);
      }
    });

    it('hands back what stands to whoever expected another mark, and keeps it', async () => {
      const store = await makeStore();
      await store.swap(0, noMark, someMark);
      const others = fc.constantFrom(
        noMark,
        { ...someMark, size: 255 },
        { ...someMark, until: 0 },
        { size: 0, until: someMark.until },
        { ...someMark, late: 0 },
      );
      await fc.assert(
        fc.asyncProperty(others, async (expected) => {
          const answer = await store.swap(0, expected, { size: 300, until: 1 });
          expect(answer).toEqual({ standing: someMark });
          expect(await store.read(0)).toEqual(someMark);
        }),
        { numRuns: 8 },
      );
    });

    it('swaps nothing where nothing stands and a mark was expected', async () => {
      const store = await makeStore();
      expect(await store.swap(0, someMark, { size: 300, until: 1 })).toEqual({ standing: noMark });
      expect(await store.read(0)).toEqual(noMark);
    });

    it('counts the very mark that stands as written, whatever was expected', async () => {
      const store = await makeStore();
      await store.swap(0, noMark, someMark);
      expect(await store.swap(0, noMark, someMark)).toBe('written');
    });

    it('lets the first of many move it', async () => {
      const store = await makeStore();
      const marks = Array.from({ length: 8 }, (_, n) => ({ size: n + 1, until: n }));
      const answers = await Promise.all(marks.map((mark) => store.swap(0, noMark, mark)));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(await store.read(0)).toEqual(marks[answers.indexOf('written')]);
    });

    it('keeps logs apart', async () => {
      const store = await makeStore();
      for (const shard of [1, 11]) await store.swap(shard, noMark, { ...someMark, size: shard });
      const marks = [await store.read(1), await store.read(11), await store.read(0)];
      expect(marks.map(({ size }) => size)).toEqual([1, 11, 0]);
    });
  });
};
