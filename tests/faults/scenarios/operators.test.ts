import { describe, expect, it } from 'vitest';
import type { WitnessReply } from '#shared/audit/publish/ask-witnesses.ts';
import { logFiles, logKey, tileReader } from '#shared/audit/sequence/log-files.ts';
import { leafStamp, logSearch } from '#shared/audit/sequence/search.ts';
import { checkInclusion } from '#shared/audit/tlog/check.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { proveInclusion } from '#shared/audit/tlog/prove.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { type LogWorld, type LogWorldOptions, makeLogWorld } from '#tests/support/log-world.ts';
import { built, bundle, without } from '#tests/unit/verify/sample-files.ts';
import { failuresOf, verifyFiles } from '#tests/unit/verify/sample-log.ts';

const minute = 60_000;
const hour = 60 * minute;

const logged = async (count: number, options: LogWorldOptions = {}): Promise<LogWorld> => {
  const world = makeLogWorld(options);
  await world.drain();
  await world.inquiries(count);
  world.clock.advance(minute);
  await world.drain();
  return world;
};

const away = (): Promise<never> => Promise.reject(new Problem('store-unavailable', 'Away.'));

describe('what operators and their machines do', () => {
  it('witness down, lying or rolled back', async () => {
    const rolledBack = makeLogWorld();
    const garbage: WitnessReply = { status: 200, type: 'text/plain', body: '— w0 AAAAAAAA\n' };
    const larger: WitnessReply = { status: 409, type: 'text/x.tlog.size', body: '999999\n' };
    const first: readonly ((body: Uint8Array) => Promise<WitnessReply>)[] = [
      () => Promise.reject(new Error('no answer')),
      async () => garbage,
      async () => larger,
      (body) => rolledBack.client('w0', body),
    ];
    for (const answer of first) {
      const world = await logged(6, { witnesses: 3, quorum: 2 });
      const round = world.startWitnessing(0, {
        client: (url, body) => (url === 'w0' ? answer(body) : world.client(url, body)),
      });
      expect(await round()).toMatchObject({ size: 7, quorum: true });
      expect(world.check()).toEqual([]);
    }
  });

  it('delete marker over a locked tile', async () => {
    expect(failuresOf(await verifyFiles(without(built.files, bundle)))).toContain('tree');
    const world = await logged(6);
    world.objects.overwrite(logKey(0, 'tile/0/000.p/7'), undefined);
    await world.inquiries(1);
    world.clock.advance(minute);
    await expect(world.startSequencer()()).rejects.toMatchObject({ reason: 'file-missing' });
    expect(world.published()?.size).toBe(7);
  });

  it('clock moved', async () => {
    const world = await logged(6);
    // The sequencer runs an hour ahead, and seals buckets that have not begun.
    const ahead = world.startSequencer(0, { now: () => world.clock.now() + hour });
    await world.drain(ahead);
    await world.inquiries(5);
    await world.drain(ahead);
    // Then it is half an hour behind.
    const behind = world.startSequencer(0, { now: () => world.clock.now() - hour / 2 });
    await world.drain(behind);
    await world.inquiries(5);
    world.clock.advance(2 * hour);
    await world.inquiries(5);
    await world.rest();
    expect(world.check()).toEqual([]);
    const late = world.leaves().filter((data) => leafStamp(data).kind === 'late');
    expect(late).toHaveLength(10);
  });

  it('throttling and a hot slot', async () => {
    const world = makeLogWorld({
      slots: 1,
      settings: { batch: { entries: 50, bytes: 100_000, partitions: 2 } },
    });
    await world.drain();
    for (let n = 0; n < 12; n += 1) {
      await world.inquiries(30);
      world.clock.advance(10_000);
    }
    let lists = 0;
    const throttled = world.startSequencer(0, {
      journal: {
        ...world.journal.store,
        list: (partition, page) => {
          lists += 1;
          return lists % 3 === 0 ? away() : world.journal.store.list(partition, page);
        },
      },
    });
    let refused = 0;
    for (let n = 0; n < 60; n += 1) {
      await throttled().catch(() => {
        refused += 1;
      });
    }
    expect(refused).toBeGreaterThan(3);
    expect(world.leaves().length).toBeGreaterThan(100);
    await world.rest();
    expect(world.leaves()).toHaveLength(361);
    expect(world.check()).toEqual([]);
  });

  it('object store or KMS away for hours', async () => {
    const broken = {
      objects: (world: LogWorld) => ({ objects: { ...world.ports.objects, putIfAbsent: away } }),
      staging: (world: LogWorld) => ({ staging: { ...world.ports.staging, putIfAbsent: away } }),
      signer: () => ({ signer: away }),
    };
    for (const breaking of Object.values(broken)) {
      const world = await logged(6);
      const step = world.startSequencer(0, breaking(world));
      for (let n = 0; n < 5; n += 1) {
        await world.inquiries(4);
        world.clock.advance(hour);
        await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
      }
      expect(world.published()?.size).toBe(7);
      await world.rest();
      expect(world.check()).toEqual([]);
      expect(world.leaves()).toHaveLength(27);
    }
  });

  it('index lost or poisoned', async () => {
    const world = await logged(300);
    const files = logFiles(world.objects.store, 0);
    const size = world.leaves().length;
    const search = logSearch(files, size);
    // Nothing but the log is needed to find an entry.
    for (const [index, data] of world.leaves().entries()) {
      const { kind, id } = leafStamp(data);
      expect(kind === 'config' ? index : await search.find(id)).toBe(index);
    }
    // A wrong place cannot be proven for a leaf.
    const head = world.heads.dump().get(0);
    const proof = await proveInclusion(17, size, tileReader(files));
    const claim = { index: 17n, size: BigInt(size), root: head?.root ?? utf8(''), proof };
    const leaf = (index: number) => leafHash(world.leaves()[index] ?? utf8(''));
    expect(checkInclusion({ ...claim, leaf: leaf(17) })).toBe(true);
    expect(checkInclusion({ ...claim, leaf: leaf(18) })).toBe(false);
  });
});
