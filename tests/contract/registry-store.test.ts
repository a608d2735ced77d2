import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { recordedRegistry } from '#shared/registry/recorded-registry.ts';
import { onEveryDynamo } from './dynamo.ts';
import { registryStoreContract } from './registry-store-contract.ts';

registryStoreContract('memoryRegistryStore', () => memoryRegistryStore().store);

registryStoreContract('recordedRegistry', () =>
  recordedRegistry({
    store: memoryRegistryStore().store,
    journal: memoryJournalStore().store,
    layout: { slotKey: sha256('slot key'), slots: 4, shards: 1 },
    now: Date.now,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }),
);

onEveryDynamo((store, newTable) => {
  registryStoreContract(`dynamoRegistryStore over ${store}`, async () => {
    const { call, table } = await newTable();
    return dynamoRegistryStore(call, table);
  });
});
