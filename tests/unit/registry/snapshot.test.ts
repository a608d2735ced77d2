import { describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import { ServiceRef } from '#shared/message/claims.ts';
import { cachedDirectory, misses, registryCacheTime } from '#shared/registry/directory.ts';
import { cachedHead } from '#shared/registry/head.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { snapshotAttempts, snapshotReader } from '#shared/registry/snapshot.ts';
import { accessOf, limitOf, narrowed } from '#tests/support/access.ts';
import { change, changeOf } from '#tests/support/changes.ts';
import { testClock } from '#tests/support/exchange.ts';
import { agencyOf, counterOf, identityService, serviceWith } from '#tests/support/registry.ts';

const counter = counterOf('counter:72110345');
const agency = agencyOf('agency:civil-registry');
const own = accessOf({ limits: [limitOf()] });
const everyone = narrowed();
const { ref } = identityService;

const unknownRefs = Array.from({ length: 5000 }, (_, index) =>
  ServiceRef.parse(`civil-registry/unknown-${index}@1`),
);

const setUp = async () => {
  const registry = memoryRegistryStore();
  await change(registry.store, counter, agency, identityService, own, everyone);
  const clock = testClock();
  const directory = cachedDirectory(registry.store, clock.now);
  const reads = (): number => registry.faults.calls('readAll');
  const before = registry.faults.calls('version');
  const headReads = (): number => registry.faults.calls('version') - before;
  return { ...registry, clock, directory, reads, headReads };
};

/** A directory whose head and entries come from different stores: the head lags behind. */
const lagging = (
  entries: Pick<RegistryStore, 'readAll'>,
  head: Pick<RegistryStore, 'version'>,
): ReturnType<typeof snapshotReader> => {
  const { now } = testClock();
  const ttl = registryCacheTime;
  const kept = { now, ttl, absentTtl: 10_000, max: 100, maxAbsent: 100, misses };
  return snapshotReader(entries, cachedHead(head, { now, ttl }), kept);
};

describe('a snapshot', () => {
  it('holds all that decides, and the number of the change it is the state after', async () => {
    const { directory } = await setUp();
    const made = changeOf(1, [counter, identityService, agency, own, everyone]).entries;
    const [participant, service, owner, ours, theirs] = made;
    expect(await directory.snapshot(counter.id, ref)).toEqual({
      version: 1,
      participant,
      service,
      agency: owner,
      own: ours,
      everyone: theirs,
    });
  });

  it('costs one batched read and the head the first time, and then nothing', async () => {
    const { directory, reads, headReads, clock, faults } = await setUp();
    const first = await directory.snapshot(counter.id, ref);
    expect([reads(), headReads()]).toEqual([1, 1]);
    clock.advance(registryCacheTime - 1);
    expect(await directory.snapshot(counter.id, ref)).toBe(first);
    expect([reads(), headReads()]).toEqual([1, 1]);
    expect([faults.calls('findParticipant'), faults.calls('findService')]).toEqual([0, 0]);
  });

  it('costs another pair one batched read, and not the head', async () => {
    const { directory, reads, headReads } = await setUp();
    await directory.snapshot(counter.id, ref);
    await directory.snapshot('counter:72110346', ref);
    expect([reads(), headReads()]).toEqual([2, 1]);
  });

  it('is read once for fifty that ask at the same time', async () => {
    const { directory, reads, headReads } = await setUp();
    const all = await Promise.all(
      Array.from({ length: 50 }, () => directory.snapshot(counter.id, ref)),
    );
    expect(new Set(all).size).toBe(1);
    expect([reads(), headReads()]).toEqual([1, 1]);
  });

  it('shares the head with fifty other pairs that are read at the same time', async () => {
    const { directory, reads, headReads } = await setUp();
    const counters = Array.from({ length: 50 }, (_, index) => `counter:${index}`);
    await Promise.all(counters.map((id) => directory.snapshot(id, ref)));
    expect([reads(), headReads()]).toEqual([50, 1]);
  });

  it('has heard of a change after 60 seconds, and not a millisecond later', async () => {
    const { directory, store, clock } = await setUp();
    await directory.snapshot(counter.id, ref);
    const limits = [limitOf({ stopped: true })];
    await change(store, accessOf({ limits, version: 2 }));
    clock.advance(registryCacheTime - 1);
    expect(await directory.snapshot(counter.id, ref)).toMatchObject({ version: 1, own });
    clock.advance(1);
    const after = await directory.snapshot(counter.id, ref);
    expect(after).toMatchObject({ version: 2, own: { version: 2, limits } });
  });

  it('has heard at once of a change of what it never read, with the number of that change', async () => {
    const { directory, store, reads, headReads, clock } = await setUp();
    expect(await directory.version()).toBe(1);
    clock.advance(1000);
    await change(store, { ...identityService, version: 2 });
    const snapshot = await directory.snapshot(counter.id, ref);
    expect(snapshot).toMatchObject({ version: 2, service: { version: 2 } });
    // The head was too old for the entries: both were read again, the head first.
    expect([reads(), headReads()]).toEqual([2, 3]);
    expect(await directory.version()).toBe(2);
    expect(headReads()).toBe(3);
  });

  it('keeps a number that is older than the newest change where that changed nothing of it', async () => {
    const { directory, store, reads } = await setUp();
    await directory.version();
    await change(store, counterOf('counter:72110346'));
    expect(await directory.snapshot(counter.id, ref)).toMatchObject({ version: 1 });
    expect(reads()).toBe(1);
  });

  it('is about the agency that the service names, should that be another than its reference', async () => {
    const { directory, store, reads } = await setUp();
    const odd = serviceWith({ ref: 'civil-registry/odd@1', agency: 'agency:telecom' });
    const telecom = accessOf({ agency: 'agency:telecom', limits: [limitOf({ stopped: true })] });
    await change(store, odd, agencyOf('agency:telecom'), telecom);
    const snapshot = await directory.snapshot(counter.id, odd.ref);
    expect(snapshot).toMatchObject({ agency: { id: 'agency:telecom' }, own: telecom });
    expect(snapshot.everyone).toBeUndefined();
    expect(reads()).toBe(2);
  });

  it('shares one copy of a service, its agency and what holds for everybody between pairs', async () => {
    const registry = memoryRegistryStore();
    await change(registry.store, counter, agency, identityService, own, everyone);
    const copying: RegistryStore = {
      ...registry.store,
      readAll: async (names) => structuredClone(await registry.store.readAll(names)),
    };
    const clock = testClock();
    const directory = cachedDirectory(copying, clock.now);
    const one = await directory.snapshot(counter.id, ref);
    const two = await directory.snapshot('counter:72110346', ref);
    expect(two.service).toBe(one.service);
    expect(two.agency).toBe(one.agency);
    expect(two.everyone).toBe(one.everyone);
    await change(registry.store, { ...identityService, version: 2 });
    const three = await directory.snapshot('counter:72110347', ref);
    expect(three.service).toMatchObject({ version: 2 });
    expect(one.service).toMatchObject({ version: 1 });
  });
});

describe('a snapshot of somebody or something unknown', () => {
  it('still says what is known, so that the denial names its rule', async () => {
    const { directory } = await setUp();
    const unknown = await directory.snapshot(counter.id, ServiceRef.parse('post/unknown@1'));
    expect(unknown).toMatchObject({ version: 1, participant: { id: counter.id } });
    expect(unknown.service).toBeUndefined();
    const nobody = await directory.snapshot('counter:1', ref);
    expect(nobody).toMatchObject({ version: 1, service: { ref } });
    expect(nobody.participant).toBeUndefined();
  });

  it('is remembered for ten seconds, and then the service that was published is found', async () => {
    const { directory, store, clock, reads } = await setUp();
    const late = serviceWith({ ref: 'civil-registry/late@1' });
    await directory.snapshot(counter.id, late.ref);
    await change(store, late);
    clock.advance(9999);
    expect((await directory.snapshot(counter.id, late.ref)).service).toBeUndefined();
    expect(reads()).toBe(1);
    clock.advance(1);
    expect(await directory.snapshot(counter.id, late.ref)).toMatchObject({
      version: 2,
      service: { ref: late.ref },
    });
  });

  it('reads the store at most a thousand times for a flood of 5,000 unknown services', async () => {
    const { directory, reads } = await setUp();
    await directory.snapshot(counter.id, ref);
    const asked = await Promise.allSettled(
      unknownRefs.map((unknown) => directory.snapshot(counter.id, unknown)),
    );
    expect(reads()).toBe(misses.burst + 1);
    const refused = asked.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5000 - misses.burst);
    expect(refused[0]).toMatchObject({ reason: { name: 'rate-limited' } });
    expect(await directory.snapshot(counter.id, ref)).toMatchObject({ version: 1 });
  });

  it('reads the store at most a thousand times for a flood of 5,000 unknown counters', async () => {
    const { directory, reads } = await setUp();
    await directory.snapshot(counter.id, ref);
    const refused: unknown[] = [];
    for (let index = 0; index < 5000; index += 1) {
      await directory.snapshot(`counter:${index}`, ref).catch((error) => refused.push(error));
    }
    expect(reads()).toBe(misses.burst + 1);
    expect(refused).toHaveLength(5000 - misses.burst);
  });

  it('lets a flood of unknown services not shut out counters that were not seen before', async () => {
    const { directory, store } = await setUp();
    await change(store, counterOf('counter:72110346'));
    await directory.snapshot(counter.id, ref);
    await Promise.allSettled(unknownRefs.map((unknown) => directory.snapshot(counter.id, unknown)));
    expect(await directory.snapshot('counter:72110346', ref)).toMatchObject({
      participant: { id: 'counter:72110346' },
    });
  });
});

describe('a registry that is in trouble', () => {
  it.each(['version', 'readAll'] as const)('is not remembered: %s fails once', async (method) => {
    const { directory, faults } = await setUp();
    faults.breakCall(method, 'not-persisted');
    await expect(directory.snapshot(counter.id, ref)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    expect(await directory.snapshot(counter.id, ref)).toMatchObject({ version: 1 });
  });

  it('is asked again while its head lags behind an entry, head first, and no more than so often', async () => {
    const [entries, head] = [memoryRegistryStore(), memoryRegistryStore()];
    const first = changeOf(1, [counter, identityService]);
    await entries.store.apply(first);
    const snapshot = lagging(entries.store, head.store);
    await expect(snapshot(counter.id, ref)).rejects.toMatchObject({
      name: 'store-unavailable',
      extras: { retryAfter: 1 },
    });
    expect(entries.faults.calls('readAll')).toBe(snapshotAttempts);
    expect(head.faults.calls('version')).toBe(snapshotAttempts + 1);
    await head.store.apply(first);
    expect(await snapshot(counter.id, ref)).toMatchObject({ version: 1, participant: { n: 1 } });
  });

  it('gives the state after a change that takes effect while it is read', async () => {
    const { store, faults, clock } = await setUp();
    const directory = cachedDirectory(store, clock.now);
    const late = faults.pauseCall('version', 'after');
    const asked = directory.snapshot(counter.id, ref);
    await late.reached;
    const second = changeOf(2, [{ ...counter, status: 'suspended', version: 2 }]);
    await store.apply(second);
    late.release();
    expect(await asked).toMatchObject({ version: 2, participant: { status: 'suspended' } });
  });
});

describe('a change whose process died while it was applied', () => {
  /** Its entries stand, and its head does not. */
  const halfApplied = async () => {
    const { store } = memoryRegistryStore();
    await change(store, counter, agency, identityService, own, everyone);
    const finished = { yet: false };
    const begun: RegistryStore = {
      ...store,
      version: async () => (finished.yet ? 1 : 0),
    };
    const calls = { settle: 0 };
    const settle = async (): Promise<void> => {
      calls.settle += 1;
      finished.yet = true;
    };
    return { begun, settle, calls };
  };

  it('is finished by whoever meets it, once', async () => {
    const { begun, settle, calls } = await halfApplied();
    const directory = cachedDirectory(begun, testClock().now, settle);
    expect((await directory.snapshot(counter.id, ref)).version).toBe(1);
    expect(calls.settle).toBe(1);
  });

  it('keeps those waiting who cannot finish it', async () => {
    const { begun, settle } = await halfApplied();
    const directory = cachedDirectory(begun, testClock().now);
    const waiting = { name: 'store-unavailable', extras: { retryAfter: 1 } };
    await expect(directory.snapshot(counter.id, ref)).rejects.toMatchObject(waiting);
    await settle();
    expect((await directory.snapshot(counter.id, ref)).version).toBe(1);
  });

  it('is not touched while its process may still be at it', async () => {
    const { begun, settle, calls } = await halfApplied();
    let reads = 0;
    const moving: RegistryStore = {
      ...begun,
      version: async () => {
        reads += 1;
        return reads === 1 ? 0 : 1;
      },
    };
    await cachedDirectory(moving, testClock().now, settle).snapshot(counter.id, ref);
    expect(calls.settle).toBe(0);
  });

  it('is told when it cannot be finished', async () => {
    const { begun } = await halfApplied();
    const failing = () => Promise.reject(new Problem('store-unavailable', 'The store is away.'));
    const directory = cachedDirectory(begun, testClock().now, failing);
    await expect(directory.snapshot(counter.id, ref)).rejects.toMatchObject({
      name: 'store-unavailable',
      detail: 'The store is away.',
    });
  });
});
