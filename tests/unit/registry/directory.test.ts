import { describe, expect, it } from 'vitest';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { ServiceRef } from '#shared/message/claims.ts';
import { cachedDirectory, misses, registryCacheTime } from '#shared/registry/directory.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { change } from '#tests/support/changes.ts';
import { testClock } from '#tests/support/exchange.ts';
import { makeKey } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, keyEntryOf } from '#tests/support/registry.ts';

const kids = Array.from({ length: 5000 }, (_, index) => sha256Url(String(index)));

const setUp = async () => {
  const key = keyEntryOf(await makeKey());
  const counter = counterOf('counter:72110345');
  const registry = memoryRegistryStore([
    key,
    counter,
    agencyOf('agency:civil-registry'),
    identityService,
  ]);
  const clock = testClock();
  return {
    key,
    counter,
    ...registry,
    clock,
    directory: cachedDirectory(registry.store, clock.now),
  };
};

describe('cachedDirectory', () => {
  it('finds keys ready to verify with, snapshots, services and the version', async () => {
    const { directory, key, counter } = await setUp();
    expect(await directory.keyOf(key.kid)).toMatchObject({
      kid: key.kid,
      alg: 'ES256',
      owner: key.owner,
      role: 'officer',
      status: 'active',
    });
    expect(await directory.snapshot(counter.id, identityService.ref)).toMatchObject({
      version: 4,
      participant: counter,
      service: identityService,
      agency: { id: 'agency:civil-registry' },
    });
    expect(await directory.services()).toEqual([identityService]);
    expect(await directory.version()).toBe(4);
  });

  it('knows who takes part', async () => {
    const { directory, counter } = await setUp();
    expect(await directory.isActive(counter.id)).toBe(true);
    expect(await directory.isActive('counter:72110999')).toBe(false);
    expect(await directory.participant(counter.id)).toEqual(counter);
    expect(await directory.participant('counter:72110999')).toBeUndefined();
  });

  it.each(['suspended', 'left'] as const)(
    'has heard of one who is %s after 60 s',
    async (status) => {
      const { directory, store, clock, counter } = await setUp();
      expect(await directory.isActive(counter.id)).toBe(true);
      await change(store, { ...counter, status, version: counter.version + 1 });
      clock.advance(registryCacheTime);
      expect(await directory.isActive(counter.id)).toBe(false);
    },
  );

  it('reads the store once for many that ask at the same time', async () => {
    const { directory, faults, key } = await setUp();
    const found = await Promise.all(Array.from({ length: 100 }, () => directory.keyOf(key.kid)));
    expect(faults.calls('findKey')).toBe(1);
    expect(new Set(found).size).toBe(1);
  });

  it('has heard of a revocation after 60 seconds, and not a millisecond later', async () => {
    const { directory, store, clock, key } = await setUp();
    await directory.keyOf(key.kid);
    await change(store, { ...key, status: 'revoked', version: 2 });
    clock.advance(registryCacheTime - 1);
    expect(await directory.keyOf(key.kid)).toMatchObject({ status: 'active' });
    clock.advance(1);
    expect(registryCacheTime).toBe(60_000);
    expect(await directory.keyOf(key.kid)).toMatchObject({ status: 'revoked' });
  });

  it('has heard of a suspended counter and of a new service after 60 seconds', async () => {
    const { directory, store, clock, counter } = await setUp();
    await directory.snapshot(counter.id, identityService.ref);
    await directory.services();
    const second = ServiceRef.parse('civil-registry/identity@2');
    await change(store, { ...counter, status: 'suspended', version: 2 });
    await change(store, { ...identityService, ref: second });
    clock.advance(registryCacheTime);
    expect(await directory.snapshot(counter.id, identityService.ref)).toMatchObject({
      version: 6,
      participant: { status: 'suspended' },
    });
    expect((await directory.services()).map(({ ref }) => ref)).toEqual([
      identityService.ref,
      second,
    ]);
    expect(await directory.version()).toBe(6);
  });

  it('remembers for ten seconds that a key is unknown, and then finds the one that was added', async () => {
    const { directory, store, faults, clock } = await setUp();
    const late = keyEntryOf(await makeKey());
    expect(await directory.keyOf(late.kid)).toBeUndefined();
    await change(store, late);
    clock.advance(9999);
    expect(await directory.keyOf(late.kid)).toBeUndefined();
    expect(faults.calls('findKey')).toBe(1);
    clock.advance(1);
    expect(await directory.keyOf(late.kid)).toMatchObject({ kid: late.kid });
  });

  it('reads the store at most a thousand times for a flood of 5,000 unknown keys', async () => {
    const { directory, faults, key } = await setUp();
    await directory.keyOf(key.kid);
    const answers = await Promise.allSettled(kids.map((kid) => directory.keyOf(kid)));
    expect(faults.calls('findKey')).toBe(misses.burst + 1);
    const refused = answers.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5000 - misses.burst);
    expect(misses.burst).toBe(1000);
    expect(refused[0]).toMatchObject({ reason: { name: 'rate-limited' } });
    expect(await directory.keyOf(key.kid)).toMatchObject({ kid: key.kid });
  });

  it('lets a flood of unknown keys not shut out counters and services', async () => {
    const { directory, counter } = await setUp();
    await Promise.allSettled(kids.map((kid) => directory.keyOf(kid)));
    expect(await directory.snapshot(counter.id, identityService.ref)).toMatchObject({
      participant: counter,
      service: identityService,
    });
  });

  it('forgets the oldest unknown keys of a slow flood rather than keep them all', async () => {
    const { directory, faults, clock } = await setUp();
    for (const kid of kids.slice(0, 1100)) {
      clock.advance(1);
      await directory.keyOf(kid);
    }
    const before = faults.calls('findKey');
    expect(before).toBe(1100);
    await directory.keyOf(kids[1099] ?? '');
    expect(faults.calls('findKey')).toBe(before);
    await directory.keyOf(kids[0] ?? '');
    expect(faults.calls('findKey')).toBe(before + 1);
  });

  it('remembers no failure of the store', async () => {
    const { directory, faults, key } = await setUp();
    faults.breakCall('findKey', 'not-persisted');
    faults.breakCall('version', 'not-persisted');
    await expect(directory.keyOf(key.kid)).rejects.toMatchObject({ name: 'store-unavailable' });
    await expect(directory.version()).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await directory.keyOf(key.kid)).toMatchObject({ kid: key.kid });
    expect(await directory.version()).toBe(4);
  });

  it('says that there is nothing in an empty registry', async () => {
    const directory = cachedDirectory(memoryRegistryStore().store, testClock().now);
    expect(await directory.services()).toEqual([]);
    expect(await directory.version()).toBe(0);
    expect(await directory.snapshot('counter:72110345', identityService.ref)).toEqual({
      version: 0,
      participant: undefined,
      service: undefined,
      agency: undefined,
      own: undefined,
      everyone: undefined,
    });
  });

  it('says what a key may sign, as it stands on record', async () => {
    const keys = await Promise.all([makeKey(), makeKey(), makeKey()]);
    const [station, server, officer] = keys.map((key) => keyEntryOf(key));
    if (!station || !server || !officer) throw new Error('There are too few keys.');
    const entries = [
      { ...station, role: 'station' },
      { ...server, role: 'server' },
      { ...officer, role: 'officer' },
    ] as const;
    const directory = cachedDirectory(memoryRegistryStore(entries).store, testClock().now);
    for (const { kid, role } of entries) {
      expect(await directory.keyOf(kid)).toMatchObject({ kid, role });
    }
  });
});
