import { describe, expect, it } from 'vitest';
import { cachedNames } from '#shared/registry/cached-names.ts';
import { registryCacheTime } from '#shared/registry/directory.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { testClock } from '#tests/support/exchange.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';

const counters = Array.from({ length: 30 }, (_, n) => counterOf(`counter:${72_110_345 + n}`));

const setUp = () => {
  const clock = testClock();
  const entries = [...counters, agencyOf('agency:civil-registry'), identityService];
  const { store, faults } = memoryRegistryStore(entries);
  return { names: cachedNames(store, clock.now), clock, faults };
};

describe('cachedNames', () => {
  it('reads many participants and services together, and gives each its own', async () => {
    const { names, faults } = setUp();
    const [service, nobody, ...found] = await Promise.all([
      names.service(identityService.ref),
      names.participant('counter:1'),
      ...counters.map(({ id }) => names.participant(id)),
    ]);
    expect([service, nobody, found]).toEqual([identityService, undefined, counters]);
    expect(faults.calls('readAll')).toBe(2);
  });

  it('takes no service for a participant, nor the other way round', async () => {
    const { names } = setUp();
    expect(await names.participant(identityService.ref)).toBeUndefined();
    expect(await names.service('agency:civil-registry')).toBeUndefined();
  });

  it('remembers what it read for a minute', async () => {
    const { names, faults, clock } = setUp();
    for (const wait of [0, registryCacheTime - 1, 1]) {
      clock.advance(wait);
      expect(await names.participant('agency:civil-registry')).toBeDefined();
    }
    expect(faults.calls('readAll')).toBe(2);
  });

  it('tells that the store is away, and asks again', async () => {
    const { names, faults } = setUp();
    faults.breakCall('readAll', 'not-persisted');
    const away = names.service(identityService.ref);
    await expect(away).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await names.service(identityService.ref)).toEqual(identityService);
  });
});
