import { describe, expect, it } from 'vitest';
import { bucketOf, bucketsPerPeriod } from '#shared/audit/address.ts';
import { gather } from '#shared/audit/sequence/gather.ts';
import {
  isAbandoned,
  type LogSettings,
  lastClosed,
  slotsOf,
} from '#shared/audit/sequence/log-settings.ts';
import { type LogWorld, type LogWorldOptions, makeLogWorld } from '#tests/support/log-world.ts';

const world = (options: LogWorldOptions = {}) => {
  const made = makeLogWorld({ slots: 3, ...options });
  const from = { bucket: bucketOf(made.clock.now()), slot: 0 };
  const ports = { journal: made.journal.store, now: made.clock.now };
  const look = (position = from, settings: Partial<LogSettings> = {}) =>
    gather(ports, { ...made.settingsOf(), ...settings }, position);
  return { made, from, look };
};

const batchOf = (changes: Partial<LogSettings['batch']>): Partial<LogSettings> => ({
  batch: { entries: 4096, bytes: 8_388_608, partitions: 4096, ...changes },
});

const idsOf = (entries: readonly { readonly address: { readonly id: string } }[]) =>
  entries.map(({ address }) => address.id);

/** Every id of the journal in the order of bucket, slot and id. */
const inOrder = ({ journal }: LogWorld): readonly string[] =>
  journal
    .dump()
    .map(({ address }) => address)
    .toSorted((a, b) => a.bucket - b.bucket || a.slot - b.slot || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id);

describe('when a bucket is closed and when its inquiries are abandoned', () => {
  const settings = makeLogWorld().settingsOf();

  it('13 s after its end', () => {
    expect(lastClosed(settings, 10_000 * 7 + 12_999)).toBe(5);
    expect(lastClosed(settings, 10_000 * 7 + 13_000)).toBe(6);
  });

  it('35 s later', () => {
    expect(isAbandoned(settings, { bucket: 6 }, 10_000 * 7 + 47_999)).toBe(false);
    expect(isAbandoned(settings, { bucket: 6 }, 10_000 * 7 + 48_000)).toBe(true);
  });

  it('of the slots of its shard only', () => {
    expect(slotsOf({ ...settings, shard: 1, shards: 3, slots: 8 })).toEqual([1, 4, 7]);
  });
});

describe('gathering', () => {
  it('takes nothing before the bucket is closed, and does not ask for its periods', async () => {
    const { made, from, look } = world();
    await made.inquiries(5);
    made.clock.advance(22_999);
    expect(await look()).toEqual({ entries: [], next: from, more: false });
    expect(made.journal.faults.calls('periods')).toBe(0);
  });

  it('takes all that is closed in the order of bucket, slot and id', async () => {
    const { made, from, look } = world();
    for (let n = 0; n < 4; n += 1) {
      await made.inquiries(6);
      made.clock.advance(10_000);
    }
    made.clock.advance(13_000);
    const { entries, next, more } = await look();
    expect(idsOf(entries)).toEqual(inOrder(made));
    expect({ next, more }).toEqual({ next: { bucket: from.bucket + 4, slot: 0 }, more: false });
  });

  it('stops at the first partition that is open, and takes none behind it', async () => {
    const { made, from, look } = world();
    await made.inquiries(9);
    let open = await made.asks();
    while (open.address.slot !== 1) {
      await made.answers(open);
      open = await made.asks();
    }
    made.clock.advance(23_000);
    const { entries, next, more } = await look();
    expect(entries.every(({ address }) => address.slot === 0)).toBe(true);
    expect({ next, more }).toEqual({ next: { bucket: from.bucket, slot: 1 }, more: false });
    await made.answers(open);
    const rest = await look(next);
    expect(idsOf([...entries, ...rest.entries])).toEqual(inOrder(made));
  });

  it('begins at its position, in the middle of a bucket', async () => {
    const { made, from, look } = world();
    await made.inquiries(12);
    made.clock.advance(23_000);
    const { entries } = await look({ ...from, slot: 2 });
    expect(new Set(entries.map(({ address }) => address.slot))).toEqual(new Set([2]));
  });

  it.each([{ entries: 5 }, { bytes: 3000 }, { partitions: 1 }])(
    'says where a full batch ended and that there is more: %o',
    async (limit) => {
      const { made, from, look } = world();
      await made.inquiries(12);
      made.clock.advance(23_000);
      const taken: string[] = [];
      let [position, more, batches] = [from, true, 0];
      while (more) {
        const gathered = await look(position, batchOf(limit));
        taken.push(...idsOf(gathered.entries));
        ({ more } = gathered);
        position = gathered.next;
        batches += 1;
      }
      expect(taken).toEqual(inOrder(made));
      expect(batches).toBeGreaterThanOrEqual(2);
      expect(position).toEqual({ bucket: from.bucket + 1, slot: 0 });
    },
  );

  it('never takes more than a batch holds, unless one partition alone is larger', async () => {
    const { made, look, from } = world({ slots: 2 });
    await made.inquiries(40);
    made.clock.advance(10_000);
    await made.inquiries(6);
    made.clock.advance(23_000);
    const sizes: number[] = [];
    let [position, more] = [from, true];
    while (more) {
      const gathered = await look(position, batchOf({ entries: 8 }));
      sizes.push(gathered.entries.length);
      ({ more } = gathered);
      position = gathered.next;
    }
    expect(sizes.filter((size) => size > 8)).toHaveLength(2);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(46);
  });

  it('skips the periods in which nothing was written', async () => {
    const { made, from, look } = world();
    await made.inquiries(3);
    made.clock.advance(5 * bucketsPerPeriod * 10_000);
    await made.inquiries(3);
    made.clock.advance(23_000);
    const before = made.journal.faults.calls('list');
    const { entries, next } = await look();
    expect(idsOf(entries)).toEqual(inOrder(made));
    expect(made.journal.faults.calls('list') - before).toBeLessThanOrEqual(
      2 * bucketsPerPeriod * 3,
    );
    expect(next.bucket).toBe(bucketOf(made.clock.now() - 13_000));
    expect(from.bucket).toBeLessThan(next.bucket);
  });

  it('stands at the present when there is nothing at all', async () => {
    const { made, look } = world();
    made.clock.advance(3_600_000);
    expect(await look()).toEqual({
      entries: [],
      next: { bucket: bucketOf(made.clock.now() - 13_000), slot: 0 },
      more: false,
    });
  });

  it('takes its own shard only', async () => {
    const { made, look, from } = world({ shards: 2, slots: 4 });
    await made.inquiries(20);
    made.clock.advance(23_000);
    const own = await look(from, { shard: 0 });
    const others = await look(from, { shard: 1 });
    expect(own.entries.every(({ address }) => address.slot % 2 === 0)).toBe(true);
    expect(own.entries.length + others.entries.length).toBe(20);
  });
});
