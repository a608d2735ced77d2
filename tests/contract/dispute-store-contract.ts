import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryId, newId, timeOf } from '#shared/kernel/id.ts';
import {
  type DisputeMark,
  type DisputeStore,
  dayOf,
  mostFound,
} from '#shared/oversight/subject/dispute-store.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const random = countedRandom();

export const sampleInquiry = InquiryId.parse(inquiryIdAt(testNow - 60_000));

export const disputeOf = (change: Partial<DisputeMark> = {}): DisputeMark => ({
  inquiry: sampleInquiry,
  leaf: newId(testNow, random),
  ground: 'not-asked',
  counter: 'counter:72110345',
  agency: 'agency:civil-registry',
  service: 'civil-registry/identity@1',
  province: 'تهران',
  recorded: false,
  ...change,
});

/** A dispute that is listed: without the mark's own member. */
export const listedOf = ({ recorded: _, ...dispute }: DisputeMark) => dispute;

const withoutProvince = ({ province: _, ...dispute }: DisputeMark): DisputeMark => dispute;

const day = 86_400_000;
const today = '2027-01-15';

/** The dispute of one inquiry. */
export const markOf = async (
  store: Pick<DisputeStore, 'findAll'>,
  inquiry: InquiryId,
): Promise<DisputeMark | undefined> => (await store.findAll([inquiry]))[0];

/** The promises of the port `DisputeStore`, for every adapter alike. `makeStore` is called once a test. */
export const disputeStoreContract = (
  name: string,
  makeStore: () => DisputeStore | Promise<DisputeStore>,
): void => {
  describe(`${name} as a DisputeStore`, () => {
    it('knows of no dispute that nobody raised, and lists none', async () => {
      const store = await makeStore();
      expect(await markOf(store, sampleInquiry)).toBeUndefined();
      expect(await store.list(today, { limit: 10 })).toEqual([]);
    });

    it('finds those of many inquiries, and none of the rest', async () => {
      const store = await makeStore();
      const inquiries = Array.from({ length: mostFound }, (_, n) =>
        InquiryId.parse(inquiryIdAt(testNow - 1000 - n)),
      );
      const marks = inquiries.slice(0, 5).map((inquiry) => disputeOf({ inquiry }));
      for (const mark of marks) await store.compareAndSwap(undefined, mark);
      await store.compareAndSwap(undefined, disputeOf());
      const all = await store.findAll(inquiries);
      expect(all).toHaveLength(marks.length);
      expect(all).toEqual(expect.arrayContaining(marks));
      expect(await store.findAll([])).toEqual([]);
    });

    it('has one of whom an inquiry was about and one of whom it named', async () => {
      const store = await makeStore();
      const [own, named] = [disputeOf(), disputeOf({ named: true })];
      for (const mark of [own, named]) {
        expect(await store.compareAndSwap(undefined, mark)).toBe('written');
        await store.publish(listedOf(mark));
      }
      const all = await store.findAll([sampleInquiry]);
      expect(all).toHaveLength(2);
      expect(all).toEqual(expect.arrayContaining([own, named]));
      const listed = await store.list(today, { limit: 5 });
      expect(listed).toHaveLength(2);
      expect(listed).toEqual(expect.arrayContaining([own, named].map(listedOf)));
    });

    it('marks an inquiry, and then its leaf as recorded; with a province and without', async () => {
      const store = await makeStore();
      const placeless = withoutProvince(
        disputeOf({ inquiry: InquiryId.parse(inquiryIdAt(testNow - 1)) }),
      );
      for (const begun of [disputeOf(), placeless]) {
        const done = { ...begun, recorded: true };
        expect(await store.compareAndSwap(undefined, begun)).toBe('written');
        expect(await markOf(store, begun.inquiry)).toEqual(begun);
        expect(await store.compareAndSwap(begun, done)).toBe('written');
        expect(await markOf(store, begun.inquiry)).toEqual(done);
      }
    });

    it('hands back what stands to whoever expected another, and keeps it', async () => {
      const store = await makeStore();
      const standing = disputeOf();
      await store.compareAndSwap(undefined, standing);
      const others = [undefined, { ...standing, recorded: true }, disputeOf()];
      for (const expected of others) {
        const next = disputeOf({ ground: 'other', recorded: true });
        expect(await store.compareAndSwap(expected, next)).toEqual({ standing });
        expect(await markOf(store, sampleInquiry)).toEqual(standing);
      }
    });

    it('swaps nothing where nothing stands and something was expected', async () => {
      const store = await makeStore();
      const mark = disputeOf();
      expect(await store.compareAndSwap(mark, { ...mark, recorded: true })).toEqual({
        standing: undefined,
      });
      expect(await markOf(store, sampleInquiry)).toBeUndefined();
    });

    it('counts the very mark that stands as written', async () => {
      const store = await makeStore();
      const mark = disputeOf();
      await store.compareAndSwap(undefined, mark);
      expect(await store.compareAndSwap(undefined, mark)).toBe('written');
    });

    it('lets the first of many win', async () => {
      const store = await makeStore();
      const marks = Array.from({ length: 10 }, () => disputeOf());
      const answers = await Promise.all(marks.map((mark) => store.compareAndSwap(undefined, mark)));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
      expect(await markOf(store, sampleInquiry)).toEqual(marks[answers.indexOf('written')]);
    });

    it('lists a dispute once under the day of its leaf, however often it is told to', async () => {
      const store = await makeStore();
      const dispute = listedOf(disputeOf());
      await store.publish(dispute);
      await store.publish(dispute);
      expect(await store.list(today, { limit: 10 })).toEqual([dispute]);
      expect(await store.list('2027-01-14', { limit: 10 })).toEqual([]);
      expect(await markOf(store, sampleInquiry)).toBeUndefined();
    });

    it('lists each day in the order of its leaves, page after page, each once', async () => {
      const store = await makeStore();
      let runs = 0;
      const offset = fc.integer({ min: 0, max: 3 * day - 1 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(offset, { minLength: 1, maxLength: 12 }),
          fc.integer({ min: 1, max: 5 }),
          async (offsets, limit) => {
            runs += 1;
            // What was listed stays, so each run has a year of its own.
            const start = Date.UTC(2100 + runs, 0, 1);
            const leaves = offsets.map((one) => newId(start + one, random));
            for (const leaf of leaves) await store.publish(listedOf(disputeOf({ leaf })));
            const found: InquiryId[] = [];
            for (const at of [0, 1, 2]) {
              const ofDay: InquiryId[] = [];
              for (let more = true; more; ) {
                const last = ofDay.at(-1);
                const after = last === undefined ? {} : { after: last };
                const page = await store.list(dayOf(start + at * day), { limit, ...after });
                expect(page.length).toBeLessThanOrEqual(limit);
                expect(
                  page.every(({ leaf }) => Math.floor((timeOf(leaf) - start) / day) === at),
                ).toBe(true);
                ofDay.push(...page.map(({ leaf }) => leaf));
                more = page.length === limit;
              }
              found.push(...ofDay);
            }
            expect(found).toEqual(leaves.toSorted());
          },
        ),
        { numRuns: 10 },
      );
    });
  });
};
