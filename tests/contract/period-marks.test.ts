/** The marks of the periods that the journal in a DynamoDB-compatible table puts before its rows. */
import { expect, it } from 'vitest';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { type Address, bucketOf, periodOf } from '#shared/audit/address.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type BreakingCall, breakingCall } from './breaking-call.ts';
import { onEveryDynamo } from './dynamo.ts';

const bucket = bucketOf(testNow);
const period = periodOf(bucket);

/** What only a mark's key holds. */
const markKey = '"P#';

const addressAt = (later = 0): Address => ({
  shard: 0,
  bucket: bucket + later,
  slot: 1,
  id: InquiryId.parse(inquiryIdAt(testNow)),
});

const intent = { record: Uint8Array.of(1), vault: Uint8Array.of(2) };
const outcome = { record: Uint8Array.of(3) };
const hold = { vault: Uint8Array.of(4), until: 4_000_000_000_000 };
const record = { record: Uint8Array.of(5) };

const writes: ReadonlyArray<
  readonly [string, (store: JournalStore, address: Address) => Promise<unknown>]
> = [
  ['intent', (store, address) => store.putIntent(address, intent)],
  ['record', (store, address) => store.putRecord(address, record)],
];

const marksIn = ({ calls }: BreakingCall): number =>
  calls.filter(({ operation, input }) => operation === 'PutItem' && input.includes(markKey)).length;

onEveryDynamo((_, newTable) => {
  const setUp = async () => {
    const { call, table } = await newTable();
    const breaking = breakingCall(call);
    return { call, table, breaking, store: dynamoJournalStore(breaking.call, table) };
  };

  it.each(writes)(
    'a mark is put before the first %s of its period, and then no more',
    async (_name, write) => {
      const { breaking, store } = await setUp();
      await write(store, addressAt());
      expect(breaking.calls[0]?.input).toContain(markKey);
      expect(breaking.calls).toHaveLength(2);
      await write(store, addressAt(0));
      await write(store, addressAt(1));
      expect(breaking.calls).toHaveLength(4);
      expect(marksIn(breaking)).toBe(1);
    },
  );

  it('one mark serves all that write at once', async () => {
    const { breaking, store } = await setUp();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => store.putIntent(addressAt(), intent)),
    );
    expect(new Set(answers)).toEqual(new Set(['written']));
    expect(marksIn(breaking)).toBe(1);
  });

  it('an outcome and what it holds need no mark: the intent has one', async () => {
    const { breaking, store } = await setUp();
    await store.putOutcome(addressAt(), { ...outcome, hold });
    expect(marksIn(breaking)).toBe(0);
  });

  it.each(writes)(
    'without its mark, no %s is kept, and the next try keeps it',
    async (_name, write) => {
      const { breaking, store } = await setUp();
      const address = addressAt();
      breaking.breakNext('PutItem', 'not-persisted', markKey);
      await expect(write(store, address)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.read(address)).toEqual({});
      expect(await store.periods(period, period + 1)).toEqual([]);
      expect(await write(store, address)).toBe('written');
      expect(await store.periods(period, period + 1)).toEqual([period]);
    },
  );

  it.each(writes)(
    'with a mark that is not acknowledged, no %s is kept either',
    async (_name, write) => {
      const { breaking, store } = await setUp();
      const address = addressAt();
      breaking.breakNext('PutItem', 'unacknowledged', markKey);
      await expect(write(store, address)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.read(address)).toEqual({});
      expect(await write(store, address)).toBe('written');
      expect(marksIn(breaking)).toBe(2);
    },
  );

  it('a mark that fails fails everyone who waits for it, and nobody after', async () => {
    const { breaking, store } = await setUp();
    breaking.breakNext('PutItem', 'not-persisted', markKey);
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => store.putIntent(addressAt(), intent)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(await store.putIntent(addressAt(), intent)).toBe('written');
  });

  it.each(writes)('a lost %s leaves a mark of nothing, or its own', async (_name, write) => {
    const { breaking, store } = await setUp();
    breaking.breakNext('PutItem', 'not-persisted', addressAt().bucket.toString());
    await expect(write(store, addressAt())).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await store.periods(period, period + 1)).toEqual([period]);
  });

  it('every process puts its own mark, and all of them see it', async () => {
    const { call, table, store } = await setUp();
    const others = Array.from({ length: 4 }, () => dynamoJournalStore(call, table));
    for (const other of others) await other.putIntent(addressAt(), intent);
    expect(await store.periods(period - 200, period + 200)).toEqual([period]);
  });

  it('a process remembers a few marks only, and puts a forgotten one again', async () => {
    const { breaking, store } = await setUp();
    for (let n = 0; n < 20; n += 1) await store.putRecord(addressAt(n * 60), record);
    expect(marksIn(breaking)).toBe(20);
    await store.putRecord(addressAt(19 * 60), record);
    expect(marksIn(breaking)).toBe(20);
    await store.putRecord(addressAt(0), record);
    expect(marksIn(breaking)).toBe(21);
    expect(await store.periods(period, period + 20)).toHaveLength(20);
  });

  it('a mark lasts as long as the last row of its period', async () => {
    const { breaking, store } = await setUp();
    const last = (period + 1) * 60 - 1 - bucket;
    await store.putIntent(addressAt(last), intent);
    const [mark, row] = breaking.calls.map(({ input }) =>
      Number(/"x":\{"N":"(\d+)"\}/.exec(input)?.[1]),
    );
    expect(mark).toBeGreaterThanOrEqual(row ?? Number.NaN);
    expect((mark ?? 0) - (row ?? 0)).toBeLessThanOrEqual(600);
  });

  it('periods that cannot be asked for are told as store-unavailable', async () => {
    const { breaking, store } = await setUp();
    breaking.breakNext('Query', 'not-persisted');
    await expect(store.periods(period, period + 1)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
  });
});
