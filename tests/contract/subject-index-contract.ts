import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '#shared/kernel/id.ts';
import {
  compareRows,
  type SubjectIndex,
  type SubjectRow,
} from '#shared/oversight/feeding/subject-index.ts';
import { testNow } from '#tests/support/messages.ts';

export const sampleTag = 'AbCdEfGhIjKlMn-_';

/** A row; its id is that of its place. */
export const rowOf = (t: number, index: number, change: Partial<SubjectRow> = {}): SubjectRow => ({
  tag: sampleTag,
  t,
  shard: 0,
  index,
  id: newId(t, (length) => Buffer.alloc(length, index % 251)),
  place: { offset: 2 + 7 * index, length: 1 + index },
  known:
    [{}, { province: 'تهران', operatorTag: 'OpErAtOrOpErAtOr', hasCase: index % 4 > 1 }][
      index % 2
    ] ?? {},
  ...(index % 3 === 2 && { named: true as const }),
  ...change,
});

const future = 9_999_999_999_999;

/** Every page from `before` back, put together; each as large as it says. */
const readAll = async (store: SubjectIndex, limit: number): Promise<readonly SubjectRow[]> => {
  const found: SubjectRow[] = [];
  let before = future;
  for (;;) {
    const { rows, more } = await store.list(sampleTag, { before, limit });
    found.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || !more) return found;
    before = last.t;
  }
};

/** The promises of the port `SubjectIndex`, for every adapter alike. `makeStore` is called once a test. */
export const subjectIndexContract = (
  name: string,
  makeStore: () => SubjectIndex | Promise<SubjectIndex>,
): void => {
  describe(`${name} as a SubjectIndex`, () => {
    it('knows nothing of a tag that nobody put', async () => {
      const store = await makeStore();
      await store.put([rowOf(testNow, 1)]);
      const page = { before: future, limit: 10 };
      expect(await store.list('AAAAAAAAAAAAAAAA', page)).toEqual({ rows: [], more: false });
    });

    it('shows the newest first, whatever the order in which they came', async () => {
      const store = await makeStore();
      const rows = [3, 1, 2].map((n) => rowOf(testNow + n, n));
      for (const row of rows) await store.put([row]);
      expect(await store.list(sampleTag, { before: future, limit: 10 })).toEqual({
        rows: rows.toSorted(compareRows),
        more: false,
      });
    });

    it('shows what is older than a time, and not what is of it', async () => {
      const store = await makeStore();
      const rows = [0, 1, 2].map((n) => rowOf(testNow + n, n));
      await store.put(rows);
      const { rows: shown } = await store.list(sampleTag, { before: testNow + 1, limit: 10 });
      expect(shown).toEqual(rows.slice(0, 1));
    });

    it('ends a page where it is full, and says that there are older ones', async () => {
      const store = await makeStore();
      const rows = [0, 1, 2].map((n) => rowOf(testNow - n, n));
      await store.put(rows);
      const first = await store.list(sampleTag, { before: future, limit: 2 });
      expect(first).toEqual({ rows: rows.slice(0, 2), more: true });
      const second = await store.list(sampleTag, { before: testNow - 1, limit: 2 });
      expect(second).toEqual({ rows: rows.slice(2), more: false });
    });

    it('does not part the rows of one millisecond, whether they fit a page or not', async () => {
      const store = await makeStore();
      const newest = rowOf(testNow + 1, 1);
      const same = [2, 3, 4, 5, 6, 10].map((index) => rowOf(testNow, index));
      const older = rowOf(testNow - 1, 7);
      await store.put([...same, newest, older]);
      const page = (before: number) => store.list(sampleTag, { before, limit: 2 });
      expect(await page(future)).toEqual({ rows: [newest], more: true });
      const all = same.toSorted(compareRows);
      expect(await page(testNow + 1)).toEqual({ rows: all, more: true });
      await store.remove([older]);
      expect(await page(testNow + 1)).toEqual({ rows: all, more: false });
    });

    it('shows every row once, page by page', async () => {
      const places = fc.uniqueArray(
        fc.record({ t: fc.integer({ min: 0, max: 8 }), index: fc.nat(30), shard: fc.nat(2) }),
        { maxLength: 25, selector: ({ t, index, shard }) => `${t} ${index} ${shard}` },
      );
      await fc.assert(
        fc.asyncProperty(places, fc.integer({ min: 1, max: 5 }), async (chosen, limit) => {
          const store = await makeStore();
          const rows = chosen.map(({ t, index, shard }) => rowOf(testNow + t, index, { shard }));
          await store.put(rows);
          expect(await readAll(store, limit)).toEqual(rows.toSorted(compareRows));
        }),
        { numRuns: 6 },
      );
    });

    it('keeps a row as it is when it is put again, and the one that stood first', async () => {
      const store = await makeStore();
      const row = rowOf(testNow, 1);
      await store.put([row]);
      await store.put([row, { ...row, id: rowOf(testNow, 2).id }]);
      const { rows } = await store.list(sampleTag, { before: future, limit: 10 });
      expect(rows).toEqual([row]);
    });

    it('removes rows for good, and none of others', async () => {
      const store = await makeStore();
      const [gone, left] = [rowOf(testNow, 1), rowOf(testNow, 5)];
      const other = rowOf(testNow, 1, { tag: 'AAAAAAAAAAAAAAAA' });
      await store.put([gone, left, other]);
      await store.remove([gone]);
      await store.remove([gone]);
      const shown = async (tag: string) =>
        (await store.list(tag, { before: future, limit: 10 })).rows;
      expect(await shown(sampleTag)).toEqual([left]);
      expect(await shown(other.tag)).toEqual([other]);
    });

    it('keeps the largest places', async () => {
      const store = await makeStore();
      const row = rowOf(testNow, Number.MAX_SAFE_INTEGER, { shard: 63 });
      await store.put([row]);
      expect((await store.list(sampleTag, { before: future, limit: 1 })).rows).toEqual([row]);
    });
  });
};
