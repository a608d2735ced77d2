import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StatementMark, StatementStore } from '#shared/inquiry/statement-store.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

export const sampleDay = { by: 'counter:72110345', day: '2027-01-14' } as const;

export const markOf = (said: string, change: Partial<StatementMark> = {}): StatementMark => ({
  leaf: InquiryId.parse(inquiryIdAt(testNow)),
  digest: sha256Url(said),
  recorded: false,
  ...change,
});

const anyPart = fc.constantFrom('leaf', 'digest', 'recorded');

/** The promises of the port `StatementStore`, for every adapter alike. `makeStore` is called once a test. */
export const statementStoreContract = (
  name: string,
  makeStore: () => StatementStore | Promise<StatementStore>,
): void => {
  describe(`${name} as a StatementStore`, () => {
    it('has no mark of a day that is not stated', async () => {
      const store = await makeStore();
      expect(await store.find(sampleDay)).toBeUndefined();
    });

    it('marks a day, and then its leaf as recorded', async () => {
      const store = await makeStore();
      const [begun, done] = [markOf('x'), markOf('x', { recorded: true })];
      const kept = { ...done, leaf: begun.leaf };
      expect(await store.compareAndSwap(sampleDay, undefined, begun)).toBe('written');
      expect(await store.find(sampleDay)).toEqual(begun);
      expect(await store.compareAndSwap(sampleDay, begun, kept)).toBe('written');
      expect(await store.find(sampleDay)).toEqual(kept);
    });

    it('hands back what stands to whoever expected another, and keeps it', async () => {
      const store = await makeStore();
      const standing = markOf('standing');
      await store.compareAndSwap(sampleDay, undefined, standing);
      await fc.assert(
        fc.asyncProperty(fc.option(anyPart, { nil: undefined }), async (part) => {
          const other = {
            leaf: { ...standing, leaf: markOf('').leaf },
            digest: { ...standing, digest: sha256Url('other') },
            recorded: { ...standing, recorded: true },
          };
          const expected = part === undefined ? undefined : other[part];
          const next = { ...markOf('next'), recorded: true };
          expect(await store.compareAndSwap(sampleDay, expected, next)).toEqual({ standing });
          expect(await store.find(sampleDay)).toEqual(standing);
        }),
        { numRuns: 20 },
      );
    });

    it('swaps nothing where nothing stands and something was expected', async () => {
      const store = await makeStore();
      const answer = await store.compareAndSwap(sampleDay, markOf('x'), markOf('y'));
      expect(answer).toEqual({ standing: undefined });
      expect(await store.find(sampleDay)).toBeUndefined();
    });

    it('counts the very mark that stands as written', async () => {
      const store = await makeStore();
      const mark = markOf('x');
      await store.compareAndSwap(sampleDay, undefined, mark);
      expect(await store.compareAndSwap(sampleDay, undefined, mark)).toBe('written');
    });

    it('lets the first of many win', async () => {
      const store = await makeStore();
      const marks = Array.from({ length: 10 }, (_, n) => markOf(`maker ${n}`));
      const answers = await Promise.all(
        marks.map((mark) => store.compareAndSwap(sampleDay, undefined, mark)),
      );
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(await store.find(sampleDay)).toEqual(marks[answers.indexOf('written')]);
    });

    it('keeps days and participants apart that are alike', async () => {
      const store = await makeStore();
      const places = ['counter:1', 'counter:11', 'guild:1'].flatMap((by) =>
        ['2027-01-14', '2027-01-15'].map((day) => ({ by, day })),
      );
      for (const at of places) {
        const mark = markOf(`${at.by} ${at.day}`);
        expect(await store.compareAndSwap(at, undefined, mark)).toBe('written');
      }
      for (const at of places) {
        expect((await store.find(at))?.digest).toBe(sha256Url(`${at.by} ${at.day}`));
      }
    });
  });
};
