import { describe, expect, it } from 'vitest';
import { cachedDirectory, misses, registryCacheTime } from '#shared/registry/directory.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { accessOf, narrowed } from '#tests/support/access.ts';
import { change } from '#tests/support/changes.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { testClock } from '#tests/support/exchange.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';

const counter = counterOf('counter:72110345');
const other = counterOf('counter:72110346');
const { ref } = identityService;

const setUp = async () => {
  const registry = memoryRegistryStore();
  const { store, faults } = registry;
  const agency = agencyOf('agency:civil-registry');
  await change(store, counter, other, agency, identityService, accessOf({}), narrowed());
  await change(store, houseOf(), delegationOf());
  const clock = testClock();
  const names: number[] = [];
  const counting: RegistryStore = {
    ...store,
    readAll: (asked) => {
      names.push(asked.length);
      return store.readAll(asked);
    },
  };
  const directory = cachedDirectory(counting, clock.now);
  const reads = (): number => faults.calls('readAll');
  return { store, clock, directory, reads, names };
};

describe('a snapshot for whoever asks for a counter', () => {
  it('holds it and what the counter lets it do, beside what decides about the counter', async () => {
    const { directory } = await setUp();
    const own = await directory.snapshot(counter.id, ref);
    const found = await directory.snapshot(counter.id, ref, house);
    expect(found).toEqual({
      ...own,
      delegate: { ...houseOf(), n: 2 },
      delegation: { ...delegationOf(), n: 2 },
    });
    expect([own.delegate, own.delegation]).toEqual([undefined, undefined]);
  });

  it('costs one batched read of seven names, and for the counter itself of five', async () => {
    const { directory, reads, names } = await setUp();
    const first = await directory.snapshot(counter.id, ref, house);
    expect(await directory.snapshot(counter.id, ref, house)).toBe(first);
    expect([reads(), names]).toEqual([1, [7]]);
    await directory.snapshot(counter.id, ref);
    expect([reads(), names]).toEqual([2, [7, 5]]);
  });

  it('has nothing of what another counter lets it do', async () => {
    const { directory } = await setUp();
    const found = await directory.snapshot(other.id, ref, house);
    expect(found).toMatchObject({ participant: { id: other.id }, delegate: { id: house } });
    expect(found.delegation).toBeUndefined();
  });

  it('has nothing of what the counter lets another do', async () => {
    const { directory, store } = await setUp();
    const stranger = 'vendor:stranger';
    await change(store, agencyOf(stranger));
    const found = await directory.snapshot(counter.id, ref, stranger);
    expect(found).toMatchObject({ delegate: { id: stranger } });
    expect(found.delegation).toBeUndefined();
  });

  it('has heard of a revocation after 60 seconds, and not a millisecond later', async () => {
    const { directory, store, clock } = await setUp();
    await directory.snapshot(counter.id, ref, house);
    await change(store, delegationOf({ status: 'revoked', version: 2 }));
    clock.advance(registryCacheTime - 1);
    const before = await directory.snapshot(counter.id, ref, house);
    expect(before).toMatchObject({ version: 2, delegation: { status: 'active' } });
    clock.advance(1);
    const after = await directory.snapshot(counter.id, ref, house);
    expect(after).toMatchObject({ version: 3, delegation: { status: 'revoked' } });
  });

  it.each([
    ['the delegate', houseOf({ version: 2, status: 'suspended' })],
    ['the delegation', delegationOf({ version: 2, status: 'revoked' })],
  ])('names no state from before a change of %s that it holds', async (_, entry) => {
    const { directory, store } = await setUp();
    expect(await directory.version()).toBe(2);
    await change(store, entry);
    expect(await directory.snapshot(counter.id, ref, house)).toMatchObject({ version: 3 });
    expect(await directory.version()).toBe(3);
  });

  it('of a delegate that nobody knows is remembered for ten seconds, and for no longer', async () => {
    const { directory, store, clock, reads } = await setUp();
    const late = 'vendor:late';
    await directory.snapshot(counter.id, ref, late);
    await change(store, agencyOf(late));
    clock.advance(9999);
    expect((await directory.snapshot(counter.id, ref, late)).delegate).toBeUndefined();
    expect(reads()).toBe(1);
    clock.advance(1);
    expect(await directory.snapshot(counter.id, ref, late)).toMatchObject({
      delegate: { id: late },
    });
  });

  it('reads the store at most a thousand times for a flood of unknown delegates', async () => {
    const { directory, reads } = await setUp();
    await directory.snapshot(counter.id, ref, house);
    const refused: unknown[] = [];
    for (let index = 0; index < 3000; index += 1) {
      const asked = directory.snapshot(counter.id, ref, `vendor:${index}`);
      await asked.catch((error) => refused.push(error));
    }
    expect(reads()).toBe(misses.burst + 1);
    expect(refused).toHaveLength(3000 - misses.burst);
    expect(refused[0]).toMatchObject({ name: 'rate-limited' });
  });

  it('shares one copy of the delegate between the counters that it asks for', async () => {
    const { store, clock } = await setUp();
    const copying: RegistryStore = {
      ...store,
      readAll: async (names) => structuredClone(await store.readAll(names)),
    };
    const directory = cachedDirectory(copying, clock.now);
    const one = await directory.snapshot(counter.id, ref, house);
    const two = await directory.snapshot(other.id, ref, house);
    expect(two.delegate).toBe(one.delegate);
  });
});
