import { describe, expect, it } from 'vitest';
import { cachedDirectory } from '#shared/registry/directory.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { Service } from '#shared/registry/service.ts';
import { readVersions } from '#shared/registry/service-versions.ts';
import { testClock } from '#tests/support/exchange.ts';
import { identityService } from '#tests/support/registry.ts';

const versionOf = (ref: string): Service => Service.parse({ ...identityService, ref });

const refs = [
  ...Array.from({ length: 30 }, (_, n) => `civil-registry/identity@${n + 1}`),
  'civil-registry/identity-card@1',
  'civil-registry/life-status@1',
  'post/address@1',
];

const name = 'civil-registry/identity';

describe('the versions of a service', () => {
  it('are all that it has, and of no other whose name begins alike', async () => {
    const { store } = memoryRegistryStore(refs.map(versionOf));
    const found = await readVersions(store, name);
    expect(found.map(({ ref }) => ref)).toEqual(
      refs.filter((ref) => ref.startsWith(`${name}@`)).toSorted(),
    );
    expect(await readVersions(store, 'civil-registry/ident')).toEqual([]);
    expect(await readVersions(store, '')).toEqual([]);
  });

  it('are read without the rest of the catalogue, and remembered', async () => {
    const { store, faults } = memoryRegistryStore(refs.slice(27).map(versionOf));
    const clock = testClock();
    const { versions } = cachedDirectory(store, clock.now);
    await versions(name);
    await versions(name);
    expect([faults.calls('list'), faults.calls('listServices')]).toEqual([1, 0]);
    clock.advance(60_000);
    expect(await versions(name)).toHaveLength(3);
    expect(faults.calls('list')).toBe(2);
  });
});
