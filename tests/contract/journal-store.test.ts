import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { journalStoreContract } from './journal-store-contract.ts';

journalStoreContract('memoryJournalStore', () => memoryJournalStore().store);
