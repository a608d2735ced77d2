import { describe, expect, it } from 'vitest';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { nameOf } from '#shared/registry/entry.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { changeOf } from '#tests/support/changes.ts';
import { onEveryDynamo } from './dynamo.ts';
import { registryChangesContract } from './registry-changes-contract.ts';
import { newCounter, newService } from './registry-samples.ts';
import { registryStoreContract } from './registry-store-contract.ts';

const contracts = [registryStoreContract, registryChangesContract];

for (const contract of contracts) {
  contract('memoryRegistryStore', () => memoryRegistryStore().store);
}

onEveryDynamo((store, newTable) => {
  for (const contract of contracts) {
    contract(`dynamoRegistryStore over ${store}`, async () => {
      const { call, table } = await newTable();
      return dynamoRegistryStore(call, table);
    });
  }
});

describe('memoryRegistryStore when it breaks', () => {
  const counter = newCounter();
  const first = changeOf(1, [counter]);

  it.each([
    ['findKey', (store: RegistryStore) => store.findKey('k')],
    ['findParticipant', (store: RegistryStore) => store.findParticipant(counter.id)],
    ['findService', (store: RegistryStore) => store.findService(newService().ref)],
    ['listServices', (store: RegistryStore) => store.listServices()],
    ['readAll', (store: RegistryStore) => store.readAll([nameOf(counter)])],
    ['list', (store: RegistryStore) => store.list('key', { after: '', limit: 1 })],
    ['asOf', (store: RegistryStore) => store.asOf(nameOf(counter), 0)],
    ['version', (store: RegistryStore) => store.version()],
    ['change', (store: RegistryStore) => store.change(1)],
    ['changeOf', (store: RegistryStore) => store.changeOf(first.id)],
  ] as const)('tells a read that fails as store-unavailable: %s', async (method, read) => {
    const { store, faults } = memoryRegistryStore();
    faults.breakCall(method, 'not-persisted');
    await expect(read(store)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(faults.calls(method)).toBe(1);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a proposal that breaks (%s) can be made again',
    async (fault) => {
      const { store, faults } = memoryRegistryStore();
      faults.breakCall('propose', fault);
      await expect(store.propose(first)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.change(1)).toEqual(fault === 'unacknowledged' ? first : undefined);
      expect(await store.propose(first)).toBe('written');
    },
  );

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'a change that breaks as it is applied (%s) can be applied again',
    async (fault) => {
      const { store, faults } = memoryRegistryStore();
      await store.propose(first);
      faults.breakCall('apply', fault);
      await expect(store.apply(first)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(await store.version()).toBe(fault === 'unacknowledged' ? 1 : 0);
      await store.apply(first);
      expect(await store.version()).toBe(1);
      expect(await store.changeOf(first.id)).toBe(1);
      expect(await store.readAll([nameOf(counter)])).toEqual(first.entries);
      expect(await store.list('participant', { after: '', limit: 9 })).toEqual({
        entries: first.entries,
        more: false,
      });
    },
  );
});
