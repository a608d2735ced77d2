import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Partition } from '#shared/audit/address.ts';
import { bucketOf, bucketsPerPeriod, periodOf } from '#shared/audit/address.ts';
import type {
  HoldRow,
  IntentRow,
  JournalRows,
  JournalStore,
  OutcomeRow,
  RecordRow,
} from '#shared/audit/ports.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

const bytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

const intentRow = (): IntentRow => ({ record: bytes(420), vault: bytes(230) });
const outcomeRow = (): OutcomeRow => ({ record: bytes(500) });
const holdingRow = (): OutcomeRow => ({ ...outcomeRow(), hold: holdRow() });
const recordRow = (): RecordRow => ({ record: bytes(640) });
/** Long after any run of the tests, so that no store throws the row away. */
const farOff = 4_000_000_000_123;
const holdRow = (): HoldRow => ({ vault: bytes(180), until: farOff });

/** The lowest bytes of a bucket number that no other test of this run uses. */
let usedBuckets = 0;

/** A partition of its own, so that tests may share one table. */
const newPartition = (): Partition => {
  usedBuckets += 1;
  const run = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  return { shard: 0, bucket: bucketOf(testNow) + run * 1000 + usedBuckets, slot: 1 };
};

/** The first of a hundred days of periods that no other test of this run uses. */
const newPeriods = (): number => {
  usedBuckets += 1;
  const run = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
  return periodOf(bucketOf(testNow)) + 2_000_000 + (run * 50 + usedBuckets) * 14_400;
};

/** An address in a period; the number chooses one of its buckets. */
const addressWithin = (period: number, bucket = 0): Address => ({
  ...newAddress(),
  bucket: period * bucketsPerPeriod + bucket,
});

/** An intent whose facts are gone, and an outcome. */
const erased = ({ record }: IntentRow): IntentRow => ({ record, vault: new Uint8Array() });
const emptied = ({ record }: OutcomeRow): OutcomeRow => ({
  record,
  hold: { vault: new Uint8Array(), until: 0 },
});

const newId = (): InquiryId => InquiryId.parse(inquiryIdAt(testNow));

const newAddress = (partition: Partition = newPartition()): Address => ({
  ...partition,
  id: newId(),
});

/** Rows as texts: stores may hand back any kind of byte array. */
const shown = (rows: JournalRows): object => ({
  intent: rows.intent && shownBoxes(rows.intent),
  outcome: rows.outcome && shownBoxes(rows.outcome),
  record: rows.record && shownBoxes(rows.record),
});

const shownBoxes = (row: {
  readonly record?: Uint8Array;
  readonly vault?: Uint8Array;
  readonly hold?: HoldRow;
}): object => ({
  record: row.record && toBase64Url(row.record),
  vault: row.vault && toBase64Url(row.vault),
  hold: row.hold && { vault: toBase64Url(row.hold.vault), until: row.hold.until },
});

const standing = (answer: 'written' | IntentRow | OutcomeRow | RecordRow): object | string =>
  answer === 'written' ? answer : shownBoxes(answer);

type Listed = Awaited<ReturnType<JournalStore['list']>>['entries'];

/** Every entry of a partition, asked for in pages, as a sequencer does. */
const listAll = async (
  store: JournalStore,
  partition: Partition,
  limit: number,
): Promise<Listed> => {
  const pages: Listed[number][] = [];
  let after = '';
  for (;;) {
    const { entries, more } = await store.list(partition, { after, limit });
    expect(entries.length).toBeLessThanOrEqual(limit);
    pages.push(...entries);
    after = entries.at(-1)?.address.id ?? after;
    if (!more) return pages;
    // A page that brings nothing and asks to go on would never end.
    expect(entries.length).toBeGreaterThan(0);
  }
};

/** The promises of the port `JournalStore`, for every adapter alike. `makeStore` is called once a test. */
export const journalStoreContract = (
  name: string,
  makeStore: () => JournalStore | Promise<JournalStore>,
): void => {
  describe(`${name} as a JournalStore`, () => {
    it('has nothing under an id that nobody used', async () => {
      const store = await makeStore();
      expect(shown(await store.read(newAddress()))).toEqual(shown({}));
    });

    it('gives back, byte for byte, what was acknowledged before', async () => {
      const store = await makeStore();
      const address = newAddress();
      const [intent, outcome] = [intentRow(), outcomeRow()];
      expect(await store.putIntent(address, intent)).toBe('written');
      expect(shown(await store.read(address))).toEqual(shown({ intent }));
      expect(await store.putOutcome(address, outcome)).toBe('written');
      expect(shown(await store.read(address))).toEqual(shown({ intent, outcome }));
    });

    it('gives back, byte for byte, what is held beside an outcome', async () => {
      const store = await makeStore();
      const address = newAddress();
      const outcome = holdingRow();
      expect(await store.putOutcome(address, outcome)).toBe('written');
      expect(shown(await store.read(address))).toEqual(shown({ outcome }));
      const { entries } = await store.list(address, { after: '', limit: 10 });
      expect(entries.map(shown)).toEqual([shown({ outcome })]);
    });

    it('gives back, byte for byte, a record of its own', async () => {
      const store = await makeStore();
      const address = newAddress();
      const record = recordRow();
      expect(await store.putRecord(address, record)).toBe('written');
      expect(shown(await store.read(address))).toEqual(shown({ record }));
      const { entries } = await store.list(address, { after: '', limit: 10 });
      expect(entries.map((entry) => ({ address: entry.address, ...shown(entry) }))).toEqual([
        { address, ...shown({ record }) },
      ]);
    });

    it('keeps the first record of an id, shows it to others and counts it as written again', async () => {
      const store = await makeStore();
      const address = newAddress();
      const first = recordRow();
      expect(await store.putRecord(address, first)).toBe('written');
      expect(standing(await store.putRecord(address, recordRow()))).toEqual(shownBoxes(first));
      expect(await store.putRecord(address, { record: Uint8Array.from(first.record) })).toBe(
        'written',
      );
      expect(shown(await store.read(address))).toEqual(shown({ record: first }));
    });

    it('lets exactly one of twenty racing records stand', async () => {
      const store = await makeStore();
      const address = newAddress();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => store.putRecord(address, recordRow())),
      );
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    });

    it('takes a record as long as a leaf may be', async () => {
      const store = await makeStore();
      const address = newAddress();
      const record = { record: bytes(64 * 1024) };
      expect(await store.putRecord(address, record)).toBe('written');
      expect(shown(await store.read(address))).toEqual(shown({ record }));
    });

    it('writes the first intent of an id and shows it to whoever comes later', async () => {
      const store = await makeStore();
      const address = newAddress();
      const first = intentRow();
      await store.putIntent(address, first);
      expect(standing(await store.putIntent(address, intentRow()))).toEqual(shownBoxes(first));
      expect(shown(await store.read(address))).toEqual(shown({ intent: first }));
    });

    it('shows the standing intent to one that differs in its vault alone', async () => {
      const store = await makeStore();
      const address = newAddress();
      const first = intentRow();
      await store.putIntent(address, first);
      const other = { ...first, vault: bytes(230) };
      expect(standing(await store.putIntent(address, other))).toEqual(shownBoxes(first));
    });

    it('counts the very same intent as written, however often it comes', async () => {
      const store = await makeStore();
      const address = newAddress();
      const row = intentRow();
      const again = { record: Uint8Array.from(row.record), vault: Uint8Array.from(row.vault) };
      expect(await store.putIntent(address, row)).toBe('written');
      expect(await store.putIntent(address, again)).toBe('written');
    });

    it('lets exactly one of fifty racing intents stand, and tells the others which', async () => {
      const store = await makeStore();
      const address = newAddress();
      const rows = Array.from({ length: 50 }, intentRow);
      const answers = await Promise.all(rows.map((row) => store.putIntent(address, row)));
      const winners = rows.filter((_, index) => answers[index] === 'written');
      expect(winners).toHaveLength(1);
      const expected = winners.map(shownBoxes)[0];
      const others = answers.filter((answer) => answer !== 'written').map(standing);
      expect(others).toEqual(Array.from({ length: 49 }, () => expected));
      expect(shown(await store.read(address))).toMatchObject({ intent: expected });
    });

    it('keeps the first outcome: a fence against whoever comes too late', async () => {
      const store = await makeStore();
      const address = newAddress();
      const tombstone = outcomeRow();
      expect(await store.putOutcome(address, tombstone)).toBe('written');
      expect(standing(await store.putOutcome(address, outcomeRow()))).toEqual(
        shownBoxes(tombstone),
      );
      expect(await store.putOutcome(address, { record: Uint8Array.from(tombstone.record) })).toBe(
        'written',
      );
      expect(shown(await store.read(address))).toEqual(shown({ outcome: tombstone }));
    });

    it('lets exactly one of twenty racing outcomes stand', async () => {
      const store = await makeStore();
      const address = newAddress();
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => store.putOutcome(address, outcomeRow())),
      );
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    });

    it('knows an outcome by its record alone, and keeps what was held first', async () => {
      const store = await makeStore();
      const [one, two] = [newAddress(), newAddress()];
      const [held, bare] = [holdingRow(), outcomeRow()];
      await store.putOutcome(one, held);
      expect(await store.putOutcome(one, { ...held, hold: holdRow() })).toBe('written');
      expect(await store.putOutcome(one, { record: held.record })).toBe('written');
      expect(shown(await store.read(one))).toEqual(shown({ outcome: held }));
      await store.putOutcome(two, bare);
      expect(await store.putOutcome(two, { ...bare, hold: holdRow() })).toBe('written');
      expect(shown(await store.read(two))).toEqual(shown({ outcome: bare }));
    });

    it('shows the outcome that stands to another, though the same is held beside both', async () => {
      const store = await makeStore();
      const address = newAddress();
      const first = holdingRow();
      await store.putOutcome(address, first);
      const other = { ...first, record: bytes(500) };
      expect(standing(await store.putOutcome(address, other))).toEqual(shownBoxes(first));
      expect(shown(await store.read(address))).toEqual(shown({ outcome: first }));
    });

    it('holds nothing beside a tombstone, whoever comes too late with an answer', async () => {
      const store = await makeStore();
      const address = newAddress();
      const tombstone = outcomeRow();
      await store.putOutcome(address, tombstone);
      expect(standing(await store.putOutcome(address, holdingRow()))).toEqual(
        shownBoxes(tombstone),
      );
      expect(shown(await store.read(address))).toEqual(shown({ outcome: tombstone }));
    });

    it('takes away what is sealed under an id, and leaves its records', async () => {
      const store = await makeStore();
      const address = newAddress();
      const [intent, outcome, record] = [intentRow(), holdingRow(), recordRow()];
      await store.putIntent(address, intent);
      await store.putOutcome(address, outcome);
      await store.putRecord(address, record);
      const left = shown({ intent: erased(intent), outcome: emptied(outcome), record });
      for (let n = 0; n < 2; n += 1) {
        await store.eraseFacts(address);
        expect(shown(await store.read(address))).toEqual(left);
        const { entries } = await store.list(address, { after: '', limit: 10 });
        expect(entries.map(shown)).toEqual([left]);
      }
    });

    it('never takes back what was erased, from whoever puts the same again', async () => {
      const store = await makeStore();
      const address = newAddress();
      const [intent, outcome] = [intentRow(), holdingRow()];
      await store.putIntent(address, intent);
      await store.putOutcome(address, outcome);
      await store.eraseFacts(address);
      expect(standing(await store.putIntent(address, intent))).toEqual(shownBoxes(erased(intent)));
      expect(await store.putOutcome(address, outcome)).toBe('written');
      expect(shown(await store.read(address))).toEqual(
        shown({ intent: erased(intent), outcome: emptied(outcome) }),
      );
    });

    it('erases nothing where nothing stands, and makes no row', async () => {
      const store = await makeStore();
      const address = newAddress();
      await store.eraseFacts(address);
      expect(shown(await store.read(address))).toEqual(shown({}));
      expect((await store.list(address, { after: '', limit: 10 })).entries).toEqual([]);
      const [outcome, record] = [outcomeRow(), recordRow()];
      await store.putOutcome(address, outcome);
      await store.putRecord(address, record);
      await store.eraseFacts(address);
      expect(shown(await store.read(address))).toEqual(shown({ outcome, record }));
    });

    it('erases one id of a partition and no other', async () => {
      const store = await makeStore();
      const partition = newPartition();
      const addresses = Array.from({ length: 5 }, () => newAddress(partition));
      const intents = addresses.map(() => intentRow());
      await Promise.all(
        addresses.map((address, n) => store.putIntent(address, intents[n] ?? intentRow())),
      );
      await Promise.all(addresses.slice(0, 2).map((address) => store.eraseFacts(address)));
      const found = await Promise.all(addresses.map((address) => store.read(address)));
      expect(found.map(shown)).toEqual(
        intents.map((intent, n) => shown({ intent: n < 2 ? erased(intent) : intent })),
      );
    });

    it('lets a retry token be used once, and knows its own use again', async () => {
      const store = await makeStore();
      const address = newAddress();
      const own = { jti: 'first-retry-token', nonce: bytes(8), until: 1_900_000_000_000 };
      expect(await store.useRetry(address, own)).toBe('written');
      expect(await store.useRetry(address, own)).toBe('written');
      expect(await store.useRetry(address, { ...own, nonce: bytes(8) })).toBe('used');
      expect(await store.useRetry(address, { ...own, jti: 'second-retry-token' })).toBe('written');
      expect(await store.useRetry(newAddress(), { ...own, nonce: bytes(8) })).toBe('written');
    });

    it('lets exactly one of twenty racing uses of a retry token stand', async () => {
      const store = await makeStore();
      const address = newAddress();
      const uses = Array.from({ length: 20 }, () => ({
        jti: 'one-retry-token-for-all',
        nonce: bytes(8),
        until: 1_900_000_000_000,
      }));
      const answers = await Promise.all(uses.map((row) => store.useRetry(address, row)));
      expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    });

    it('shows no use of a retry token among its entries, however many there are', async () => {
      const store = await makeStore();
      const address = newAddress();
      const intent = intentRow();
      await store.putIntent(address, intent);
      const uses = Array.from({ length: 40 }, (_, index) => ({
        jti: `retry-token-number-${index}`,
        nonce: bytes(8),
        until: 1_900_000_000_000,
      }));
      await Promise.all(uses.map((row) => store.useRetry(address, row)));
      expect(shown(await store.read(address))).toEqual(shown({ intent }));
      const page = await store.list(address, { after: '', limit: 5 });
      expect(page.entries.map((entry) => entry.address.id)).toEqual([address.id]);
      expect(page.more).toBe(false);
    });

    it('keeps ids apart that differ in their last character', async () => {
      const store = await makeStore();
      const address = newAddress();
      const id = InquiryId.parse(address.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
      await store.putIntent(address, intentRow());
      expect(await store.putIntent({ ...address, id }, intentRow())).toBe('written');
      expect(shown(await store.read({ ...address, id }))).not.toEqual(
        shown(await store.read(address)),
      );
    });

    it('takes a vault and a held answer as large as a message may be', async () => {
      const store = await makeStore();
      const address = newAddress();
      const intent = { record: bytes(6 * 1024), vault: bytes(60 * 1024) };
      const hold = { vault: bytes(60 * 1024), until: farOff };
      const outcome = { record: bytes(12 * 1024), hold };
      expect(await store.putIntent(address, intent)).toBe('written');
      expect(await store.putOutcome(address, outcome)).toBe('written');
      expect(standing(await store.putIntent(address, intentRow()))).toEqual(shownBoxes(intent));
      expect(shown(await store.read(address))).toEqual(shown({ intent, outcome }));
    });

    it('lists nothing where nothing is', async () => {
      const store = await makeStore();
      expect(await store.list(newPartition(), { after: '', limit: 10 })).toEqual({
        entries: [],
        more: false,
      });
    });

    it('lists a partition in the order of its ids, whole entries, whatever the page', async () => {
      const store = await makeStore();
      const partition = newPartition();
      const addresses = Array.from({ length: 11 }, () => newAddress(partition));
      const written = await Promise.all(
        addresses.map(async (address, index) => {
          const intent = intentRow();
          const outcome = index % 4 > 1 ? holdingRow() : outcomeRow();
          const record = recordRow();
          await store.putIntent(address, intent);
          if (index % 4 > 0) await store.putOutcome(address, outcome);
          if (index % 4 > 2) await store.putRecord(address, record);
          const rows: JournalRows = {
            intent,
            ...(index % 4 > 0 && { outcome }),
            ...(index % 4 > 2 && { record }),
          };
          return { address, ...rows };
        }),
      );
      const expected = written
        .toSorted((a, b) => (a.address.id < b.address.id ? -1 : 1))
        .map((entry) => ({ address: entry.address, ...shown(entry) }));
      for (const limit of [1, 2, 3, 4, 10, 11, 12, 500]) {
        const found = await listAll(store, partition, limit);
        expect(found.map((entry) => ({ address: entry.address, ...shown(entry) }))).toEqual(
          expected,
        );
      }
    });

    it('lists any number of entries in any page size', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('i', 'io', 'ih', 'o', 'h', 'r', 'ihr'), { maxLength: 9 }),
          fc.integer({ min: 1, max: 7 }),
          async (kinds, limit) => {
            const partition = newPartition();
            const ids = await Promise.all(
              kinds.map(async (kind) => {
                const address = newAddress(partition);
                if (kind.includes('i')) await store.putIntent(address, intentRow());
                if (kind.includes('o')) await store.putOutcome(address, outcomeRow());
                if (kind.includes('h')) await store.putOutcome(address, holdingRow());
                if (kind.includes('r')) await store.putRecord(address, recordRow());
                return address.id;
              }),
            );
            const found = await listAll(store, partition, limit);
            expect(found.map(({ address }) => address.id)).toEqual(ids.toSorted());
          },
        ),
        { numRuns: 25 },
      );
    });

    it('lists only ids greater than the one it is given', async () => {
      const store = await makeStore();
      const partition = newPartition();
      const ids = Array.from({ length: 4 }, newId).toSorted();
      for (const id of ids) await store.putIntent({ ...partition, id }, intentRow());
      const { entries, more } = await store.list(partition, { after: ids[1] ?? '', limit: 10 });
      expect(entries.map(({ address }) => address.id)).toEqual(ids.slice(2));
      expect(more).toBe(false);
    });

    it('never lists an entry of another partition, however alike its numbers are', async () => {
      const store = await makeStore();
      const { shard, bucket, slot } = newPartition();
      const own = newAddress({ shard, bucket, slot });
      const others = [
        { shard, bucket, slot: slot * 10 },
        { shard, bucket, slot: slot * 10 + slot },
        { shard, bucket, slot: 0 },
        { shard, bucket: bucket * 10, slot },
        { shard, bucket: bucket + 1, slot },
        { shard: shard + 10, bucket, slot },
        { shard: shard + 1, bucket, slot },
      ];
      for (const address of [own, ...others.map(newAddress)]) {
        await store.putIntent(address, intentRow());
      }
      const found = await listAll(store, own, 100);
      expect(found.map(({ address }) => address)).toEqual([own]);
    });

    it('lists more bytes than one answer of a store may hold, and tears no entry apart', async () => {
      const store = await makeStore();
      const partition = newPartition();
      const addresses = Array.from({ length: 25 }, () => newAddress(partition));
      // Eight entries and the intent of a ninth make a megabyte: the limit falls inside an entry.
      const large = (): IntentRow => ({ record: bytes(6 * 1024), vault: bytes(60 * 1024) });
      await Promise.all(
        addresses.map(async (address) => {
          const hold = { vault: bytes(40 * 1024), until: farOff };
          await store.putIntent(address, large());
          await store.putOutcome(address, { record: bytes(12 * 1024), hold });
        }),
      );
      const found = await listAll(store, partition, 500);
      expect(found.map(({ address }) => address.id)).toEqual(
        addresses.map(({ id }) => id).toSorted(),
      );
      const lengths = found.map(({ intent, outcome }) => [
        intent?.vault.length,
        outcome?.record.length,
        outcome?.hold?.vault.length,
      ]);
      expect(lengths).toEqual(addresses.map(() => [60 * 1024, 12 * 1024, 40 * 1024]));
    });

    it('has no period where nothing was written', async () => {
      const store = await makeStore();
      const from = newPeriods();
      expect(await store.periods(from, from + 300)).toEqual([]);
    });

    it('shows the period of an intent and of a record once they are acknowledged', async () => {
      const store = await makeStore();
      const from = newPeriods();
      await store.putIntent(addressWithin(from + 3), intentRow());
      expect(await store.periods(from, from + 300)).toEqual([from + 3]);
      await store.putRecord(addressWithin(from + 1), recordRow());
      expect(await store.periods(from, from + 300)).toEqual([from + 1, from + 3]);
    });

    it('tells a period once, from its first bucket to its last, whatever slot and shard', async () => {
      const store = await makeStore();
      const from = newPeriods();
      await store.putIntent(addressWithin(from + 2, 0), intentRow());
      await store.putIntent({ ...addressWithin(from + 2, 59), slot: 7, shard: 3 }, intentRow());
      await store.putIntent(addressWithin(from + 4, 59), intentRow());
      expect(await store.periods(from, from + 10)).toEqual([from + 2, from + 4]);
    });

    it('tells the periods from the first asked for up to and without the last', async () => {
      const store = await makeStore();
      const from = newPeriods();
      for (const n of [0, 1, 2, 3]) await store.putIntent(addressWithin(from + n), intentRow());
      expect(await store.periods(from + 1, from + 3)).toEqual([from + 1, from + 2]);
      expect(await store.periods(from + 2, from + 2)).toEqual([]);
      expect(await store.periods(from + 3, from)).toEqual([]);
    });

    it('tells periods in the order of their numbers where these get a digit longer', async () => {
      const store = await makeStore();
      const from = 9_999_998;
      for (const n of [3, 0, 2, 1]) await store.putIntent(addressWithin(from + n), intentRow());
      const all = [from, from + 1, from + 2, from + 3];
      expect(await store.periods(from, from + 4)).toEqual(all);
    });

    it('tells every period of fifteen days in their order, when each has an entry', async () => {
      const store = await makeStore();
      const from = newPeriods();
      const all = Array.from({ length: 15 * 144 }, (_, n) => from + n);
      const hours = all.filter((_, n) => n % 6 === 0);
      await Promise.all(
        hours.toReversed().map((period) => store.putRecord(addressWithin(period), recordRow())),
      );
      expect(await store.periods(from, from + all.length)).toEqual(hours);
    });

    it('shows the period of every entry that was acknowledged', async () => {
      const store = await makeStore();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ after: fc.nat({ max: 400 }), kind: fc.constantFrom('i', 'r') }), {
            maxLength: 12,
          }),
          fc.nat({ max: 400 }),
          fc.nat({ max: 400 }),
          async (written, first, length) => {
            const from = newPeriods();
            await Promise.all(
              written.map(({ after, kind }) =>
                kind === 'i'
                  ? store.putIntent(addressWithin(from + after, after % 60), intentRow())
                  : store.putRecord(addressWithin(from + after, after % 60), recordRow()),
              ),
            );
            const asked = [...new Set(written.map(({ after }) => after))]
              .filter((after) => after >= first && after < first + length)
              .toSorted((a, b) => a - b);
            expect(await store.periods(from + first, from + first + length)).toEqual(
              asked.map((after) => from + after),
            );
          },
        ),
        { numRuns: 25 },
      );
    });
  });
};
