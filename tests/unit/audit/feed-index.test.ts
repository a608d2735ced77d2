import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, type Partition } from '#shared/audit/address.ts';
import { feedIndex, placesOf } from '#shared/audit/feed-index.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import type { Places } from '#shared/audit/log-index.ts';
import { memoryLogIndex } from '#shared/audit/memory-log-index.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { FeedStopped } from '#shared/audit/published-leaves.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { formatBundle } from '#shared/audit/tlog/bundle.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import { buildLog, testOrigin } from '#tests/support/log-builder.ts';
import { lateLeaf } from '#tests/support/log-leaves.ts';
import { testNow } from '#tests/support/messages.ts';

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 1 };

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

/** Ids of one partition, ascending. */
const idsOf = (count: number, bucket: number, slot: number): readonly InquiryId[] => {
  const found: InquiryId[] = [];
  while (found.length < count) {
    const id = newId(testNow + bucket * 10_000 + 5, random);
    if (addressOf(id, layout).slot === slot) found.push(id);
  }
  return found.toSorted();
};

/** Ids of one bucket in any order, of whatever slots. */
const someIds = (count: number): readonly InquiryId[] =>
  Array.from({ length: count }, () => newId(testNow + 10_000, random));

const leafOf = (id: string): Uint8Array => recordLeafData(JSON.stringify({ v: 1, k: 'x', id }));
const config = recordLeafData(JSON.stringify({ v: 1, k: 'config', t: 1 }));

/** A published log of these leaves, an index, and what feeds it. */
const setUp = () => {
  const objects = memoryObjectStore();
  const index = memoryLogIndex();
  const publish = async (leaves: readonly Uint8Array[], shard = 0): Promise<void> => {
    const { files } = await buildLog(leaves, { origin: testOrigin });
    for (const [path, bytes] of files) objects.overwrite(logKey(shard, path), bytes);
  };
  /** A process of its own. */
  const start = (shard = 0) =>
    feedIndex({ objects: objects.store, index: index.store, layout }, shard);
  return { objects, index, publish, start };
};

type Step = ReturnType<typeof feedIndex>;

const feedAll = async (step: Step): Promise<void> => {
  while ((await step()).more) {
    // There is more at once.
  }
};

/** The index that each of these ids is said to stand at, by the ids of its partition in their order. */
const found = (places: Places, position: number): readonly number[] =>
  places.ranges
    .flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n))
    .slice(position, position + 1);

/** The indexes that an index holds entries of, in the order of the log. */
const indexed = ({ dump }: ReturnType<typeof memoryLogIndex>): readonly number[] =>
  dump(0).ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n));

const partitionOf = (id: InquiryId): Partition => addressOf(id, layout);

describe('feeding the index', () => {
  it('finds every entry of a log of several bundles, in one step or in many', async () => {
    const { index, publish, start } = setUp();
    const partitions = Array.from({ length: 30 }, (_, n) =>
      idsOf(n === 7 ? 700 : 25, Math.floor(n / 4), n % 4),
    );
    const ids = partitions.flat();
    await publish([config, ...ids.map(leafOf)]);
    await feedAll(start());
    for (const own of partitions) {
      const [first] = own;
      if (first === undefined) continue;
      const places = await index.store.find(partitionOf(first));
      expect(own.map((_, position) => found(places, position))).toEqual(
        own.map((id) => [ids.indexOf(id) + 1]),
      );
    }
    expect(await index.store.fed(0)).toBe(ids.length + 1);
  });

  it('is idle on a log without a checkpoint, and on one that did not grow', async () => {
    const { publish, start, index } = setUp();
    const step = start();
    expect(await step()).toEqual({ size: 0, fed: 0, more: false });
    await publish([config]);
    expect(await step()).toEqual({ size: 1, fed: 1, more: false });
    expect(await step()).toEqual({ size: 1, fed: 1, more: false });
    expect(index.faults.calls('put')).toBe(1);
  });

  it('goes on where it stood, also in the middle of a bundle', async () => {
    const { index, publish, start } = setUp();
    const ids = idsOf(40, 0, 1);
    for (const size of [3, 17, 18, 40]) {
      await publish(ids.slice(0, size).map(leafOf));
      expect(await start()()).toEqual({ size, fed: size, more: false });
    }
    expect(index.dump(0).ranges.map(({ start: at, count }) => [at, count])).toEqual([
      [0, 3],
      [3, 14],
      [17, 1],
      [18, 22],
    ]);
  });

  it('takes sixteen bundles at once and says that there is more', async () => {
    const { publish, start, index } = setUp();
    await publish(someIds(4500).map(leafOf));
    const step = start();
    expect(await step()).toEqual({ size: 4500, fed: 4096, more: true });
    expect(indexed(index)).toEqual(Array.from({ length: 4096 }, (_, n) => n));
    expect(await step()).toEqual({ size: 4500, fed: 4500, more: false });
    expect(indexed(index)).toEqual(Array.from({ length: 4500 }, (_, n) => n));
  });

  it('knows an entry as late whose notice stands in the next bundle, and in the next step', async () => {
    for (const before of [255, 4095]) {
      const { publish, start, index } = setUp();
      const ids = someIds(before);
      const [late = newId(0, random)] = idsOf(1, 0, 3);
      const data = leafOf(late);
      await publish([...ids.map(leafOf), data, lateLeaf(late, data, testNow), config]);
      await feedAll(start());
      const places = await index.store.find(partitionOf(late));
      expect(places).toEqual({
        ranges: [],
        late: [{ id: late, bucket: partitionOf(late).bucket, slot: 3, index: before }],
      });
      expect(index.dump(0).late).toHaveLength(1);
    }
  });

  it('is made anew from the log when it is lost', async () => {
    const { publish, start, index, objects } = setUp();
    const ids = [...idsOf(300, 0, 0), ...idsOf(300, 0, 1)];
    await publish(ids.slice(0, 100).map(leafOf));
    await feedAll(start());
    await publish(ids.map(leafOf));
    await feedAll(start());
    const lost = memoryLogIndex();
    await feedAll(feedIndex({ objects: objects.store, index: lost.store, layout }, 0));
    expect(indexed(lost)).toEqual(indexed(index));
    expect(indexed(lost)).toHaveLength(600);
  });

  it('keeps the logs of shards apart', async () => {
    const { publish, start, index } = setUp();
    await publish(idsOf(3, 0, 1).map(leafOf), 0);
    await publish(idsOf(5, 0, 1).map(leafOf), 1);
    await feedAll(start(1));
    expect([await index.store.fed(0), await index.store.fed(1)]).toEqual([0, 5]);
    expect(index.dump(0)).toEqual({ ranges: [], late: [] });
  });
});

describe('feeding that breaks', () => {
  it.each([
    ['put', 'not-persisted'],
    ['put', 'unacknowledged'],
    ['advance', 'not-persisted'],
    ['advance', 'unacknowledged'],
    ['fed', 'not-persisted'],
  ] as const)('at %s (%s) leaves nothing out when it is done again', async (method, fault) => {
    const { publish, start, index } = setUp();
    const ids = idsOf(20, 0, 1);
    await publish(ids.map(leafOf));
    index.faults.breakCall(method, fault);
    const step = start();
    await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
    // Never further than what is held.
    const held = index.dump(0).ranges.length > 0;
    expect((await index.store.fed(0)) > 0 && !held).toBe(false);
    await step();
    expect(index.dump(0).ranges.map(({ start: at, count }) => [at, count])).toEqual([[0, 20]]);
    expect(await index.store.fed(0)).toBe(20);
  });

  it('is told as store-unavailable while the objects cannot be had', async () => {
    const { publish, start, objects } = setUp();
    await publish(idsOf(3, 0, 1).map(leafOf));
    objects.faults.breakCall('get', 'not-persisted', 2);
    await expect(start()()).rejects.toMatchObject({ name: 'store-unavailable' });
  });

  it.each([
    ['is missing', undefined],
    ['is cut off', Uint8Array.of(0, 200, 1, 2)],
    ['holds what is no JSON', utf8('\u0000\u0004secr')],
    ['holds another form', utf8('\u0000\u0003[]\n')],
    ['holds an id of nobody', formatBundle(Array.from({ length: 44 }, () => leafOf('secret')))],
  ])('stops at a bundle that %s, and skips nothing', async (_, bytes) => {
    const { publish, start, objects, index } = setUp();
    const ids = idsOf(300, 0, 1);
    await publish(ids.map(leafOf));
    const [broken = ''] = [...objects.dump().keys()].filter((key) => key.includes('entries/001'));
    const whole = objects.dump().get(broken);
    objects.overwrite(broken, bytes);
    const step = start();
    await expect(step()).rejects.toThrow('Bundle 1 of log 0 cannot be read');
    await expect(step()).rejects.toThrow(FeedStopped);
    expect(index.dump(0)).toEqual({ ranges: [], late: [] });
    expect(await index.store.fed(0)).toBe(0);
    objects.overwrite(broken, whole);
    expect(await step()).toEqual({ size: 300, fed: 300, more: false });
  });

  it.each([
    ['no note', 'secret'],
    ['no checkpoint', 'secret\n\n— a AAAAAAA=\n'],
    ['one of 2^60 entries', `o\n${2n ** 60n}\n${'A'.repeat(43)}=\n\n— a AAAAAAA=\n`],
  ])('stops at a checkpoint that is %s', async (_, text) => {
    const { start, objects } = setUp();
    objects.overwrite(logKey(0, 'checkpoint'), utf8(text));
    await expect(start()()).rejects.toThrow('The checkpoint of log 0 cannot be read');
    await expect(start()()).rejects.not.toThrow('secret');
  });
});

describe('places', () => {
  const pool = [0, 1].flatMap((bucket) => [0, 1].flatMap((slot) => idsOf(3, bucket, slot)));
  const stamp = fc.oneof(
    fc.constantFrom(...pool).map((id) => ({ kind: 'x', id })),
    fc.constantFrom(...pool).map((id) => ({ kind: 'late', id })),
    fc.constant({ kind: 'config', id: undefined }),
  );

  it('cover each entry exactly once, in its own partition, however the log is cut', () => {
    fc.assert(
      fc.property(fc.array(stamp, { maxLength: 20 }), fc.nat(), (stamps, cut) => {
        const at = cut % (stamps.length + 1);
        const parts = [
          placesOf(stamps.slice(0, at), { start: 100, next: stamps[at] }, layout),
          placesOf(stamps.slice(at), { start: 100 + at, next: undefined }, layout),
        ];
        const told = parts.flatMap(({ ranges, late }) => [
          ...ranges.flatMap(({ start, count, bucket, slot }) =>
            Array.from({ length: count }, (_, n) => `${start + n} ${bucket} ${slot} on time`),
          ),
          ...late.map(({ index, bucket, slot, id }) => `${index} ${bucket} ${slot} ${id}`),
        ]);
        const expected = stamps.flatMap(({ kind, id }, n) => {
          if (kind !== 'x' || id === undefined) return [];
          const { bucket, slot } = addressOf(id, layout);
          const next = stamps[n + 1];
          const late = next?.kind === 'late' && next.id === id;
          return [`${100 + n} ${bucket} ${slot} ${late ? id : 'on time'}`];
        });
        expect(told.toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  it('are as few ranges as partitions in a row', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pool), { maxLength: 20 }), (ids) => {
        const stamps = ids.map((id) => ({ kind: 'x', id }));
        const { ranges } = placesOf(stamps, { start: 0, next: undefined }, layout);
        const partitions = ids.map((id) => JSON.stringify({ ...addressOf(id, layout), id: '' }));
        const changes = partitions.filter((one, n) => one !== partitions[n - 1]);
        expect(ranges).toHaveLength(changes.length);
      }),
    );
  });
});
