import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { registryStoreContract } from './registry-store-contract.ts';

registryStoreContract('memoryRegistryStore', () => memoryRegistryStore().store);
