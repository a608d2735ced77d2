import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { onEveryDynamo } from './dynamo.ts';
import { registryStoreContract } from './registry-store-contract.ts';

registryStoreContract('memoryRegistryStore', () => memoryRegistryStore().store);

onEveryDynamo((store, newTable) => {
  registryStoreContract(`dynamoRegistryStore over ${store}`, async () => {
    const { call, table } = await newTable();
    return dynamoRegistryStore(call, table);
  });
});
