import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CensusTaken } from '#events/census-taken.ts';
import { census } from '#shared/audit/census/census.ts';
import { checkCensus } from '#shared/audit/census/check-census.ts';
import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { memoryCensusMarks } from '#shared/oversight/census/memory-census-marks.ts';
import {
  type CensusParts,
  type CensusStep,
  mostCounted,
  takeCensus,
} from '#shared/oversight/census/take-census.ts';
import { countedRandom, testClock } from '#tests/support/exchange.ts';
import { recordLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { type PlainLog, plainLayout } from '#tests/support/plain-log.ts';
import { feedAll, feedingOf, feedStores, logOf } from '../feeding/feed-stage.ts';

/** Where censuses of a log are taken, and what came of them. */
const stage = (log: PlainLog) => {
  const stores = feedStores();
  const [journal, censuses, clock] = [memoryJournalStore(), memoryCensusMarks(), testClock()];
  const parts: CensusParts = {
    objects: log.objects.store,
    derived: stores.derived.store,
    marks: stores.marks.store,
    censuses: censuses.store,
    journal: journal.store,
    layout: plainLayout,
    now: clock.now,
    random: countedRandom(),
  };
  /** Every census on record, in the order of their stretches. */
  const onRecord = (): readonly CensusTaken[] =>
    journal
      .dump()
      .flatMap(({ record }) =>
        record === undefined ? [] : CensusTaken.parse(JSON.parse(unpackRecord(record.record))),
      )
      .toSorted((a, b) => a.from - b.from);
  const feed = () => feedAll(feedingOf(log, stores));
  return { stores, journal, censuses, clock, parts, onRecord, feed };
};

/** Steps until nothing is left, as a process that begins anew; all that they came to. */
const takeAll = async (parts: CensusParts): Promise<readonly CensusStep[]> => {
  const step = takeCensus(parts, 0);
  const steps: CensusStep[] = [];
  for (;;) {
    const taken = await step();
    if (taken.kind === 'nothing') return steps;
    steps.push(taken);
  }
};

describe('a census', () => {
  it('counts the leaves that are published, as whoever has them does, and is a leaf', async () => {
    const log = await logOf(40, 3);
    const { parts, onRecord, feed } = stage(log);
    await feed();
    expect(await takeAll(parts)).toEqual([
      { kind: 'taken', from: 0, to: 40, n: 14 },
      { kind: 'compared', from: 0, to: 40, same: true },
    ]);
    const [leaf] = onRecord();
    expect(leaf).toMatchObject({ v: 1, k: 'census', shard: 0, from: 0, to: 40, n: 14 });
    expect(leaf?.t).toBe(testNow);
    expect(leaf && checkCensus(leaf, census(log.leaves))).toEqual([]);
    expect(onRecord()).toHaveLength(1);
  });

  it('begins where the last one ended', async () => {
    const log = await logOf(300, 10);
    const { parts, onRecord, feed } = stage(log);
    for (const size of [100, 257, 300]) {
      log.publish(size);
      await feed();
      await takeAll(parts);
    }
    expect(onRecord().map(({ from, to, n }) => [from, to, n])).toEqual([
      [0, 100, 10],
      [100, 257, 16],
      [257, 300, 4],
    ]);
  });

  it('is not taken of nothing, nor of records alone, which wait for an inquiry', async () => {
    const log = await logOf(1);
    const { parts, onRecord } = stage(log);
    await takeAll(parts);
    expect(await takeAll(parts)).toEqual([]);
    log.leaves.push(recordLeaf({ v: 1, k: 'access', id: inquiryIdAt(testNow), t: testNow }));
    log.publish();
    expect(await takeAll(parts)).toEqual([]);
    await log.add([{ n: 77 }]);
    log.publish();
    await takeAll(parts);
    expect(onRecord().map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 3],
    ]);
  });

  it('is not taken of a log without a checkpoint', async () => {
    const log = await logOf(0);
    const { parts } = stage(log);
    log.objects.overwrite('log/0/checkpoint', undefined);
    expect(await takeAll(parts)).toEqual([]);
  });

  it('counts 262,144 leaves at most, and these even if none is an inquiry', async () => {
    const log = await logOf(0);
    const filler = recordLeaf({ v: 1, k: 'access', id: inquiryIdAt(testNow), t: testNow });
    for (let n = 0; n < mostCounted; n += 1) log.leaves.push(filler);
    await log.add([{ n: 1 }]);
    log.publish();
    const { parts, onRecord } = stage(log);
    await takeAll(parts);
    expect(onRecord().map(({ from, to, n }) => [from, to, n])).toEqual([
      [0, mostCounted, 0],
      [mostCounted, mostCounted + 1, 1],
    ]);
  });
});

describe('a census that breaks off', () => {
  const broken = [
    ...[1, 2, 3].map((nth) => ['swap', nth] as const),
    ['putRecord', 1] as const,
  ].flatMap((what) =>
    (['not-persisted', 'unacknowledged'] as const).map((fault): [...typeof what, Fault] => [
      ...what,
      fault,
    ]),
  );

  it.each(broken)(
    'at %s %i (%s) is finished by the next call, once',
    async (method, nth, fault) => {
      const log = await logOf(30, 3);
      const { parts, onRecord, feed, censuses, journal, clock } = stage(log);
      await feed();
      if (method === 'swap') censuses.faults.breakCall(method, fault, nth);
      else journal.faults.breakCall(method, fault, nth);
      await expect(takeAll(parts)).rejects.toMatchObject({ name: 'store-unavailable' });
      clock.advance(60_000);
      // The log has grown meanwhile: what was begun is finished as it was begun.
      await log.add([{ n: 500, t: testNow + 500 }]);
      log.publish();
      await feed();
      await takeAll(parts);
      const taken = onRecord();
      expect(taken.reduce((sum, { n }) => sum + n, 0)).toBe(11);
      expect(taken.at(-1)?.to).toBe(31);
      taken.forEach(({ from }, n) => expect(from).toBe(n === 0 ? 0 : taken[n - 1]?.to));
      expect(
        taken.every(
          (leaf) => checkCensus(leaf, census(log.leaves.slice(leaf.from, leaf.to))).length === 0,
        ),
      ).toBe(true);
      expect(censuses.peek(0)?.state).toBe('compared');
    },
  );

  it('and whose time is over is recorded under an id made now', async () => {
    const log = await logOf(3);
    const { parts, onRecord, journal, clock } = stage(log);
    journal.faults.breakCall('putRecord', 'not-persisted');
    await expect(takeAll(parts)).rejects.toMatchObject({ name: 'store-unavailable' });
    clock.advance(25 * 3_600_000);
    await takeAll(parts);
    expect(onRecord().map(({ t }) => t)).toEqual([clock.now()]);
  });

  it('and whose leaf would come late is recorded under an id made now', async () => {
    const log = await logOf(3);
    const { parts, onRecord, journal, clock } = stage(log);
    journal.faults.breakCall('putRecord', 'not-persisted');
    await expect(takeAll(parts)).rejects.toMatchObject({ name: 'store-unavailable' });
    clock.advance(10_001);
    await takeAll(parts);
    expect(onRecord().map(({ t }) => t)).toEqual([clock.now()]);
  });

  it('and that was put too late to be sealed with its bucket is put again, under an id made now', async () => {
    const log = await logOf(3);
    const { parts, onRecord, clock } = stage(log);
    let slow = 10_001;
    const putRecord: typeof parts.journal.putRecord = async (...given) => {
      clock.advance(slow);
      slow = 0;
      return parts.journal.putRecord(...given);
    };
    await takeAll({ ...parts, journal: { ...parts.journal, putRecord } });
    expect(onRecord().map(({ t, to }) => [t - testNow, to])).toEqual([
      [0, 3],
      [10_001, 3],
    ]);
  });

  it('and whose time is over is found where it was recorded all the same', async () => {
    const log = await logOf(3);
    const { parts, onRecord, journal, clock } = stage(log);
    journal.faults.breakCall('putRecord', 'unacknowledged');
    await expect(takeAll(parts)).rejects.toMatchObject({ name: 'store-unavailable' });
    clock.advance(25 * 3_600_000);
    await takeAll(parts);
    expect(onRecord().map(({ t }) => t)).toEqual([testNow]);
  });

  it('is one, however many take it at once', async () => {
    const log = await logOf(20, 2);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (s) => {
        const { parts, onRecord, feed, censuses } = stage(log);
        await feed();
        const slow =
          <Given extends readonly unknown[], Answer>(work: (...given: Given) => Promise<Answer>) =>
          async (...given: Given): Promise<Answer> => {
            await s.schedule(Promise.resolve());
            return work(...given);
          };
        const { censuses: marks, journal } = parts;
        const own = {
          ...parts,
          censuses: { read: slow(marks.read), swap: slow(marks.swap) },
          journal: { read: slow(journal.read), putRecord: slow(journal.putRecord) },
        };
        await s.waitFor(Promise.all([1, 2, 3].map(() => takeAll(own))));
        await takeAll(parts);
        expect(onRecord().map(({ from, to }) => [from, to])).toEqual([[0, 20]]);
        expect(censuses.peek(0)?.state).toBe('compared');
      }),
      { numRuns: 40 },
    );
  });

  it('stops at a bundle that cannot be read, and counts nothing past it', async () => {
    const log = await logOf(3);
    const { parts, onRecord } = stage(log);
    log.objects.overwrite('log/0/tile/entries/000.p/3', Buffer.from('no bundle'));
    await expect(takeAll(parts)).rejects.toMatchObject({ name: 'FeedStopped' });
    expect(onRecord()).toEqual([]);
  });
});

describe('the index beside a census', () => {
  it('waits to be compared until it knows the leaves, and holds no census up', async () => {
    const log = await logOf(20, 2);
    const { parts, feed, onRecord } = stage(log);
    log.publish(10);
    expect((await takeAll(parts)).map(({ kind }) => kind)).toEqual(['taken']);
    log.publish(20);
    expect((await takeAll(parts)).map(({ kind }) => kind)).toEqual(['taken']);
    await feed();
    expect(await takeAll(parts)).toEqual([{ kind: 'compared', from: 0, to: 20, same: true }]);
    expect(onRecord()).toHaveLength(2);
  });

  it('is compared with what a census counted that another one followed before it knew that', async () => {
    const log = await logOf(4300, 100);
    const { parts, feed, stores } = stage(log);
    log.publish(4200);
    await takeAll(parts);
    log.publish(4300);
    await takeAll(parts);
    await feed();
    stores.derived.overwrite(segmentKey(0, 0), undefined);
    expect(await takeAll(parts)).toEqual([{ kind: 'compared', from: 0, to: 4300, same: false }]);
    expect(stores.marks.peek(0)?.size).toBe(0);
    await feed();
    expect(await takeAll(parts)).toEqual([]);
  });

  it('is compared with 262,144 leaves at most in a step', async () => {
    const log = await logOf(0);
    const filler = recordLeaf({ v: 1, k: 'access', id: inquiryIdAt(testNow), t: testNow });
    for (let n = 0; n < mostCounted; n += 1) log.leaves.push(filler);
    await log.add([{ n: 1 }]);
    log.publish();
    const { parts, feed, censuses } = stage(log);
    await takeAll(parts);
    await feed();
    expect((await takeAll(parts)).map((step) => ('to' in step ? step.to : 0))).toEqual([
      mostCounted,
      mostCounted + 1,
    ]);
    expect(censuses.peek(0)?.state).toBe('compared');
  });

  it.each(['a row less', 'another counter', 'lost', 'spoilt'])(
    'is set back where it differs (%s), and is made again as it should be',
    async (how) => {
      const log = await logOf(4200, 100);
      const { parts, feed, stores } = stage(log);
      await feed();
      const right = stores.derived.dump();
      const key = segmentKey(0, 1);
      const standing = openSegment(stores.derived.peek(key) ?? new Uint8Array());
      const facts = factsIn(standing);
      const bent =
        how === 'a row less'
          ? facts.slice(1)
          : facts.map((one) => ({ ...one, counter: 'counter:9' }));
      const cover = { shard: 0, n: 1, width: standing.width };
      if (how === 'lost') stores.derived.overwrite(key, undefined);
      else if (how === 'spoilt') stores.derived.overwrite(key, Buffer.from('spoilt'));
      else stores.derived.overwrite(key, encodeSegment(cover, bent));
      expect((await takeAll(parts)).at(-1)).toEqual({
        kind: 'compared',
        from: 0,
        to: 4200,
        same: false,
      });
      expect(stores.marks.peek(0)).toEqual({ size: 0, until: 0 });
      await feed();
      expect(stores.derived.dump()).toEqual(right);
      expect(await takeAll(parts)).toEqual([]);
    },
  );

  it('is set back no further than the segment where the stretch begins', async () => {
    const log = await logOf(4300, 100);
    const { parts, feed, stores } = stage(log);
    log.publish(4200);
    await feed();
    await takeAll(parts);
    log.publish(4300);
    await feed();
    stores.derived.overwrite(segmentKey(0, 1), undefined);
    expect((await takeAll(parts)).at(-1)).toMatchObject({ kind: 'compared', same: false });
    expect(stores.marks.peek(0)).toEqual({ size: 4096, until: testNow, late: 0 });
  });
});
