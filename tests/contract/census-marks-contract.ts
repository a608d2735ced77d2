import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '#shared/kernel/id.ts';
import type { CensusMark, CensusMarks } from '#shared/oversight/census/census-marks.ts';
import { testNow } from '#tests/support/messages.ts';

export const censusMarkOf = (n: number, change: Partial<CensusMark> = {}): CensusMark => ({
  from: 0,
  to: 100,
  leaf: newId(testNow, (length) => Buffer.alloc(length, n)),
  compared: 0,
  state: 'begun',
  ...change,
});

/** The promises of the port `CensusMarks`, for every adapter alike. `makeStore` is called once a test. */
export const censusMarksContract = (
  name: string,
  makeStore: () => CensusMarks | Promise<CensusMarks>,
): void => {
  describe(`${name} as CensusMarks`, () => {
    it('has no mark of a log that was never counted', async () => {
      const store = await makeStore();
      expect(await store.read(0)).toBeUndefined();
    });

    it('goes from begun to recorded to compared, and on to the next', async () => {
      const store = await makeStore();
      const begun = censusMarkOf(1);
      const steps: readonly CensusMark[] = [
        begun,
        { ...begun, state: 'recorded' },
        { ...begun, compared: 100, state: 'compared' },
        censusMarkOf(2, { from: 100, to: 2 ** 40, compared: 100 }),
      ];
      let standing: CensusMark | undefined;
      for (const next of steps) {
        expect(await store.swap(0, standing, next)).toBe('written');
        expect(await store.read(0)).toEqual(next);
        standing = next;
      }
    });

    it('hands back the census that stands to whoever expected another, and keeps it', async () => {
      const store = await makeStore();
      const standing = censusMarkOf(1);
      await store.swap(0, undefined, standing);
      const others = fc.constantFrom<CensusMark | undefined>(
        undefined,
        { ...standing, from: 1 },
        { ...standing, to: 101 },
        { ...standing, compared: 1 },
        censusMarkOf(2),
        { ...standing, state: 'recorded' },
      );
      await fc.assert(
        fc.asyncProperty(others, async (expected) => {
          const next = censusMarkOf(3, { from: 100, to: 200 });
          expect(await store.swap(0, expected, next)).toEqual({ standing });
          expect(await store.read(0)).toEqual(standing);
        }),
        { numRuns: 10 },
      );
    });

    it('swaps nothing where no census stands and one was expected', async () => {
      const store = await makeStore();
      const answer = await store.swap(0, censusMarkOf(1), censusMarkOf(2));
      expect(answer).toEqual({ standing: undefined });
    });

    it('counts the very census that stands as written', async () => {
      const store = await makeStore();
      await store.swap(0, undefined, censusMarkOf(1));
      expect(await store.swap(0, undefined, censusMarkOf(1))).toBe('written');
    });

    it('lets the first of many begin', async () => {
      const store = await makeStore();
      const marks = Array.from({ length: 8 }, (_, n) => censusMarkOf(n));
      const answers = await Promise.all(marks.map((mark) => store.swap(0, undefined, mark)));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(await store.read(0)).toEqual(marks[answers.indexOf('written')]);
    });

    it('keeps the censuses of logs apart', async () => {
      const store = await makeStore();
      for (const shard of [1, 11]) await store.swap(shard, undefined, censusMarkOf(shard));
      expect((await store.read(1))?.leaf).toBe(censusMarkOf(1).leaf);
      expect((await store.read(11))?.leaf).toBe(censusMarkOf(11).leaf);
      expect(await store.read(0)).toBeUndefined();
    });
  });
};
