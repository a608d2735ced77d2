import { describe, expect, it } from 'vitest';
import { ConfigSet } from '#events/config-set.ts';
import { bucketOf } from '#shared/audit/address.ts';
import { checkpointKey, cosignedKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { formatStaged, parseStaged, stagingKey } from '#shared/audit/sequence/stage.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import { type LogWorld, makeLogWorld } from '#tests/support/log-world.ts';

const faults: readonly Fault[] = ['not-persisted', 'unacknowledged'];

const textsOf = (world: LogWorld): readonly string[] =>
  world.leaves().map((data) => Buffer.from(data).toString('utf8'));

/** A world whose log has begun, with inquiries that the next step takes. */
const waiting = async (count = 5) => {
  const world = makeLogWorld();
  const step = world.startSequencer();
  await step();
  await world.inquiries(count);
  world.clock.advance(60_000);
  return { world, step };
};

const stopped = (reason: string) => ({ name: 'LogStopped', reason });

describe('a log that begins', () => {
  it('says first how it is kept', async () => {
    const world = makeLogWorld({ slots: 7 });
    expect(await world.startSequencer()()).toMatchObject({ added: 1, late: 0, overtaken: false });
    const [text = ''] = textsOf(world);
    expect(ConfigSet.parse(JSON.parse(text))).toEqual({
      v: 1,
      k: 'config',
      t: world.clock.now(),
      origin: 'exchange.example/log/0',
      shard: 0,
      shards: 1,
      slots: 7,
      mmd: 120,
    });
    expect(world.published()?.size).toBe(1);
  });

  it('takes what the journal held before it began', async () => {
    const world = makeLogWorld();
    await world.inquiries(9);
    world.clock.advance(9 * 24 * 3_600_000);
    await world.rest();
    expect(world.check()).toEqual([]);
    expect(world.leaves()).toHaveLength(10);
  });

  it('takes an inquiry of a process whose clock is behind, as not late', async () => {
    const world = makeLogWorld();
    await world.drain();
    await world.answers(await world.asks({ t: world.clock.now() - 600_000 }));
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('begins no second time: a head that was lost stops it', async () => {
    const { world } = await waiting();
    await world.drain();
    const lost = makeLogWorld();
    const step = world.startSequencer(0, { heads: lost.heads.store });
    await expect(step()).rejects.toMatchObject(stopped('head-behind'));
    expect(lost.heads.dump().size).toBe(0);
  });
});

describe('a step', () => {
  it('does nothing when there is nothing to do, and writes nothing', async () => {
    const { world, step } = await waiting();
    await world.drain(step);
    const swaps = world.heads.faults.calls('compareAndSwap');
    expect(await step()).toMatchObject({ added: 0, more: false, overtaken: false });
    expect(world.heads.faults.calls('compareAndSwap')).toBe(swaps);
  });

  it('moves its position when nothing was asked, and adds nothing', async () => {
    const { world, step } = await waiting(0);
    const { head } = await step();
    expect(head.bucket).toBe(bucketOf(world.clock.now() - 13_000));
    expect(world.leaves()).toHaveLength(1);
  });

  it('says again how the log is kept when a setting changes, and only then', async () => {
    const { world, step } = await waiting();
    await world.drain(step);
    const changed = world.startSequencer(0, {}, { ...world.settingsOf(), mergeDelay: 90 });
    await world.drain(changed);
    await world.drain(changed);
    const configs = textsOf(world).filter((text) => text.includes('"k":"config"'));
    expect(configs.map((text) => ConfigSet.parse(JSON.parse(text)).mmd)).toEqual([120, 90]);
    expect(textsOf(world).at(-1)).toContain('"mmd":90');
  });

  it('publishes what it committed, before it returns', async () => {
    const { world, step } = await waiting();
    const { head, added } = await step();
    expect([added, world.published()?.size]).toEqual([5, head.size]);
    expect(world.check({ settled: false })).toEqual([]);
  });

  it('is overtaken by another one, and loses nothing', async () => {
    const { world, step } = await waiting();
    const pause = world.heads.faults.pauseCall('compareAndSwap', 'before');
    const slow = step();
    await pause.reached;
    world.clock.advance(1000);
    await world.drain();
    pause.release();
    expect(await slow).toMatchObject({ overtaken: true, added: 0, more: true });
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('goes on from a batch of another one that leads to the same tree over a border', async () => {
    // The first stages 250 + 12 leaves and is overtaken by 8 of them; the other 4 lead to its tree.
    const world = makeLogWorld({ slots: 1 });
    await world.startSequencer()();
    await world.inquiries(249);
    world.clock.advance(40_000);
    await world.drain();
    await world.inquiries(8);
    world.clock.advance(10_000);
    await world.inquiries(4);
    world.clock.advance(24_000);
    const behind = { now: () => world.clock.now() - 10_000 };
    const pause = world.heads.faults.pauseCall('compareAndSwap', 'before');
    const slow = world.startSequencer()();
    await pause.reached;
    const other = world.startSequencer(0, behind);
    expect(await other()).toMatchObject({ added: 8 });
    pause.release();
    expect(await slow).toMatchObject({ overtaken: true });
    expect((await world.drain()).at(0)).toMatchObject({ added: 4, overtaken: false });
    expect(world.leaves()).toHaveLength(262);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('appends to what another one has appended since its last', async () => {
    const { world, step } = await waiting();
    await world.drain(step);
    for (const next of [world.startSequencer(), step, world.startSequencer(), step]) {
      await world.inquiries(3);
      world.clock.advance(60_000);
      await world.drain(next);
    }
    expect(world.leaves()).toHaveLength(18);
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('that staged from an older head sees that it comes too late', async () => {
    const world = makeLogWorld({ slots: 1 });
    await world.startSequencer()();
    await world.inquiries(253);
    world.clock.advance(40_000);
    await world.drain();
    await world.inquiries(4);
    world.clock.advance(10_000);
    await world.inquiries(8);
    world.clock.advance(24_000);
    const pause = world.staging.faults.pauseCall('putIfAbsent', 'before');
    const slow = world.startSequencer()();
    await pause.reached;
    await world.startSequencer(0, { now: () => world.clock.now() - 10_000 })();
    await world.drain();
    pause.release();
    expect(await slow).toMatchObject({ overtaken: true, added: 0 });
    await world.rest();
    expect(world.check()).toEqual([]);
  });
});

describe('every write of a step that breaks', () => {
  const writes = {
    'the staged batch': (world: LogWorld, fault: Fault) =>
      world.staging.faults.breakCall('putIfAbsent', fault),
    'the head': (world: LogWorld, fault: Fault) =>
      world.heads.faults.breakCall('compareAndSwap', fault),
    "the signer's tree": (world: LogWorld, fault: Fault) =>
      world.latest.faults.breakCall('compareAndSwap', fault),
    'a bundle': (world: LogWorld, fault: Fault) =>
      world.objects.faults.breakCall('putIfAbsent', fault),
    'a tile': (world: LogWorld, fault: Fault) =>
      world.objects.faults.breakCall('putIfAbsent', fault, 2),
    'the checkpoint': (world: LogWorld, fault: Fault) =>
      world.objects.faults.breakCall('replace', fault),
    'a tombstone': (world: LogWorld, fault: Fault) =>
      world.journal.faults.breakCall('putOutcome', fault),
  } as const;

  it.each(
    Object.entries(writes).flatMap(([name, breaking]) =>
      faults.map((fault) => [name, fault, breaking] as const),
    ),
  )(
    '%s (%s) is told, and made good by the next step of any sequencer',
    async (_, fault, breaking) => {
      for (const same of [true, false]) {
        const { world, step } = await waiting();
        await world.asks({ t: world.clock.now() - 60_000 });
        breaking(world, fault);
        await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
        await world.drain(same ? step : world.startSequencer());
        expect(world.leaves()).toHaveLength(7);
        await world.rest();
        expect(world.check()).toEqual([]);
      }
    },
  );

  it('reads that fail are told, and nothing is lost', async () => {
    for (const breaking of [
      (world: LogWorld) => world.heads.faults.breakCall('read', 'not-persisted'),
      (world: LogWorld) => world.journal.faults.breakCall('periods', 'not-persisted'),
      (world: LogWorld) => world.journal.faults.breakCall('list', 'not-persisted', 2),
      (world: LogWorld) => world.objects.faults.breakCall('get', 'not-persisted'),
      (world: LogWorld) => world.latest.faults.breakCall('read', 'not-persisted'),
    ]) {
      const { world, step } = await waiting();
      breaking(world);
      await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
      await world.rest();
      expect(world.check()).toEqual([]);
    }
  });

  it('goes on from what was staged, once that can be read', async () => {
    const { world, step } = await waiting();
    world.latest.faults.breakCall('read', 'not-persisted');
    await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
    world.staging.faults.breakCall('get', 'not-persisted');
    await expect(world.startSequencer()()).rejects.toMatchObject({ name: 'store-unavailable' });
    await world.rest();
    expect(world.check()).toEqual([]);
  });

  it('does not read back what it has staged itself', async () => {
    const { world, step } = await waiting();
    const before = world.staging.faults.calls('get');
    await step();
    expect(world.staging.faults.calls('get')).toBe(before);
  });
});

describe('a log that must not go on', () => {
  const next = async (world: LogWorld) => {
    await world.inquiries(2);
    world.clock.advance(60_000);
    return world.startSequencer()();
  };
  const settled = async (count = 5): Promise<LogWorld> => {
    const { world, step } = await waiting(count);
    await world.drain(step);
    return world;
  };
  const bend = (world: LogWorld, key: string): void => {
    const bytes = world.objects.peek(key) ?? new Uint8Array();
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    world.objects.overwrite(key, bytes);
  };

  it.each([logKey(0, 'tile/0/000.p/6'), logKey(0, 'tile/entries/000.p/6')])(
    'stops when %s is altered',
    async (key) => {
      const world = await settled();
      bend(world, key);
      await expect(next(world)).rejects.toMatchObject(stopped('edge-damaged'));
    },
  );

  it.each([logKey(0, 'tile/0/000.p/6'), logKey(0, 'tile/entries/000.p/6')])(
    'stops when %s is gone',
    async (key) => {
      const world = await settled();
      world.objects.overwrite(key, undefined);
      await expect(next(world)).rejects.toMatchObject(stopped('file-missing'));
    },
  );

  it('stops when another object stands where a tile belongs, and publishes nothing', async () => {
    const world = await settled();
    world.objects.overwrite(logKey(0, 'tile/0/000.p/8'), utf8('another'));
    await expect(next(world)).rejects.toMatchObject(stopped('tile-differs'));
    expect(world.published()?.size).toBe(6);
    await expect(world.startSequencer()()).rejects.toMatchObject(stopped('tile-differs'));
  });

  it.each(['gone', 'altered'])('stops when what was staged for its head is %s', async (how) => {
    const { world, step } = await waiting();
    world.latest.faults.breakCall('read', 'not-persisted');
    await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
    const head = world.heads.dump().get(0);
    if (head === undefined) throw new Error('There is no head.');
    const key = stagingKey({ shard: 0, ...head });
    world.staging.overwrite(key, how === 'gone' ? undefined : utf8('altered'));
    await expect(world.startSequencer()()).rejects.toMatchObject(stopped('staging-lost'));
  });

  it('stops before a batch whose place is taken by damage', async () => {
    const world = await settled();
    await world.inquiries(2);
    world.clock.advance(60_000);
    const pause = world.staging.faults.pauseCall('putIfAbsent', 'before');
    const step = world.startSequencer(0, {
      staging: {
        ...world.staging.store,
        putIfAbsent: async (key, bytes) => {
          world.staging.overwrite(key, utf8('damage'));
          pause.release();
          return world.staging.store.putIfAbsent(key, bytes);
        },
      },
    });
    await expect(step()).rejects.toMatchObject(stopped('staging-lost'));
    expect(world.heads.dump().get(0)?.size).toBe(6);
  });

  it('stops before a batch whose place is taken by another that does not lead to its tree', async () => {
    const world = await settled();
    await world.inquiries(2);
    world.clock.advance(60_000);
    const whole = formatStaged([{ path: 'tile/0/000.p/8', bytes: utf8('of another tree') }]);
    const step = world.startSequencer(0, {
      staging: {
        ...world.staging.store,
        putIfAbsent: (key, bytes) => {
          world.staging.overwrite(key, whole);
          return world.staging.store.putIfAbsent(key, bytes);
        },
      },
    });
    await expect(step()).rejects.toMatchObject(stopped('staging-lost'));
    expect(world.heads.dump().get(0)?.size).toBe(6);
  });

  it.each([
    ['tile/entries/000.p/6', 'staging-lost'],
    ['tile/0/000.p/6', 'staging-lost'],
  ])(
    'signs nothing when %s of what was staged is another, though it is whole',
    async (path, reason) => {
      const { world, step } = await waiting();
      world.latest.faults.breakCall('read', 'not-persisted');
      await expect(step()).rejects.toMatchObject({ name: 'store-unavailable' });
      const head = world.heads.dump().get(0);
      if (head === undefined) throw new Error('There is no head.');
      const key = stagingKey({ shard: 0, ...head });
      const files = parseStaged(world.staging.peek(key) ?? utf8(''));
      const bent = (files ?? []).map((file) =>
        file.path === path
          ? { path, bytes: file.bytes.map((byte, n) => (n === 9 ? byte ^ 1 : byte)) }
          : file,
      );
      world.staging.overwrite(key, formatStaged(bent));
      await expect(world.startSequencer()()).rejects.toMatchObject(stopped(reason));
      expect(world.published()?.size).toBe(1);
      expect(world.trees.filter((tree) => tree.by.startsWith('signed') && tree.size > 1)).toEqual(
        [],
      );
    },
  );

  it('stops when what is published is no checkpoint', async () => {
    const world = await settled();
    world.objects.overwrite(checkpointKey(0), utf8('nothing of the kind'));
    await expect(next(world)).rejects.toMatchObject(stopped('published-damaged'));
  });

  it('stops when more is published than its head knows', async () => {
    const world = await settled();
    const larger = await settled(30);
    world.objects.overwrite(checkpointKey(0), larger.objects.peek(checkpointKey(0)));
    await expect(next(world)).rejects.toMatchObject(stopped('head-behind'));
  });

  it('stops when another tree of its size is published', async () => {
    const world = await settled();
    const other = await settled();
    world.objects.overwrite(checkpointKey(0), other.objects.peek(checkpointKey(0)));
    await expect(world.startSequencer()()).rejects.toMatchObject(stopped('signer-refused'));
  });

  it('stops when the signer knows another history, and publishes nothing', async () => {
    const world = await settled();
    const other = await settled();
    const step = world.startSequencer(0, { signer: other.ports.signer });
    await world.inquiries(2);
    world.clock.advance(60_000);
    await expect(step()).rejects.toMatchObject(stopped('signer-refused'));
    expect(world.published()?.size).toBe(6);
  });

  it('stops when the signer is past its head, which was rolled back', async () => {
    const world = await settled();
    const rolled = makeLogWorld();
    await rolled.drain();
    const ahead = await settled(30);
    await rolled.inquiries(2);
    rolled.clock.advance(60_000);
    const step = rolled.startSequencer(0, { signer: ahead.ports.signer });
    await expect(step()).rejects.toMatchObject(stopped('head-behind'));
    expect(world.cosigned()).toBeUndefined();
    expect(cosignedKey(0)).toBe('cosigned/0/checkpoint');
  });

  it('does not stop for a signer that never agrees where it stands: it asks four times', async () => {
    const world = await settled();
    let asked = 0;
    const signer = async () => {
      asked += 1;
      return { kind: 'conflict', size: 6 } as const;
    };
    await world.inquiries(2);
    world.clock.advance(60_000);
    const step = world.startSequencer(0, { signer });
    await expect(step()).rejects.toMatchObject(stopped('signer-refused'));
    expect(asked).toBe(4);
  });
});
