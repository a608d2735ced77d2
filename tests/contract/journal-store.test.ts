import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { onEveryDynamo } from './dynamo.ts';
import { journalStoreContract } from './journal-store-contract.ts';

journalStoreContract('memoryJournalStore', () => memoryJournalStore().store);

onEveryDynamo((store, newTable) => {
  journalStoreContract(`dynamoJournalStore over ${store}`, async () => {
    const { call, table } = await newTable();
    return dynamoJournalStore(call, table);
  });
});
