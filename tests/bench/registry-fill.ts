import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import type { Item } from '#functions/runtime/dynamo/item.ts';
import { number } from '#functions/runtime/dynamo/item.ts';
import {
  entryItem,
  historyItem,
  keyText,
  listItems,
  versionKey,
} from '#functions/runtime/dynamo/registry-rows.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { Service } from '#shared/registry/service.ts';
import { accessOf, grantOf } from '#tests/support/access.ts';
import { registrarOf } from '#tests/support/commands.ts';
import type { TestKey } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, keyEntryOf } from '#tests/support/registry.ts';
import { inParallel } from './measure.ts';

/** How much a registry holds. */
export type RegistrySize = {
  readonly counters: number;
  readonly agencies: number;
  readonly services: number;
  readonly grants: number;
};

/** Keys that messages of the bench are really signed with. */
export type RealKeys = {
  readonly counter: TestKey;
  readonly agency: TestKey;
  readonly registrar: TestKey;
};

export const counterAt = (n: number): string => `counter:${72_110_345 + n}`;

const agencyAt = (n: number): string => (n === 0 ? 'civil-registry' : `office-${n}`);

/** The first is the identity service itself, which the inquiries of the bench ask for. */
export const serviceAt = (n: number, { agencies }: Pick<RegistrySize, 'agencies'>): Service => {
  if (n === 0) return identityService;
  const name = agencyAt(n % agencies);
  const ref = `${name}/service-${n}@1`;
  return Service.parse({ ...identityService, ref, agency: `agency:${name}`, group: name });
};

/** Grants go to counter after counter, each from another agency than its last. */
const grantAt = (n: number, size: RegistrySize): RegistryEntry => {
  const round = Math.floor(n / size.counters);
  const agency = (n + round) % size.agencies;
  return accessOf({
    agency: `agency:${agencyAt(agency)}`,
    holder: counterAt(n % size.counters),
    grants: [grantOf({ target: agency === 0 ? 'identity' : `service-${agency}` })],
  });
};

/** Everything that a registry of a size holds; but for the first, keys are made up. */
function* entriesOf(size: RegistrySize, keys: RealKeys): Generator<RegistryEntry> {
  yield registrarOf(keys.registrar.owner);
  yield keyEntryOf(keys.registrar, { role: 'officer' });
  yield keyEntryOf(keys.agency);
  for (let n = 0; n < size.agencies; n += 1) yield agencyOf(`agency:${agencyAt(n)}`);
  for (let n = 0; n < size.services; n += 1) yield serviceAt(n, size);
  for (let n = 0; n < size.counters; n += 1) {
    const owner = counterAt(n);
    yield counterOf(owner);
    yield n === 0
      ? keyEntryOf(keys.counter)
      : keyEntryOf({ ...keys.counter, owner, kid: sha256Url(owner) });
  }
  for (let n = 0; n < size.grants; n += 1) yield grantAt(n, size);
}

const rowsOf = (entry: RegistryEntry): readonly Item[] => [
  entryItem(entry),
  historyItem(entry, 0),
  ...listItems(entry),
];

/** The most that one BatchWriteItem takes. */
const batch = 25;

function* batchesOf(entries: Iterable<RegistryEntry>): Generator<readonly Item[]> {
  let rows: Item[] = [];
  for (const entry of entries) {
    rows.push(...rowsOf(entry));
    while (rows.length >= batch) {
      yield rows.slice(0, batch);
      rows = rows.slice(batch);
    }
  }
  if (rows.length > 0) yield rows;
}

/** Puts entries of a registry in the rows of the adapter; only a bench writes them in batches. */
export const putEntries = async (
  call: AwsJsonCall,
  table: string,
  entries: Iterable<RegistryEntry>,
  told: (rows: number) => void,
): Promise<number> => {
  let rows = 0;
  const left = batchesOf(entries);
  await inParallel(4, [1, 2, 3, 4], async () => {
    for (;;) {
      const next = left.next();
      if (next.done === true) return;
      const items = [...new Map(next.value.map((item) => [keyText(item), item])).values()];
      await call('BatchWriteItem', {
        RequestItems: { [table]: items.map((item) => ({ PutRequest: { Item: item } })) },
      });
      rows += items.length;
      told(rows);
    }
  });
  await call('PutItem', { TableName: table, Item: { ...versionKey, n: number(1) } });
  return rows + 1;
};

/** Fills a table with a registry. `told` hears how many rows stand. Resolves to their number. */
export const fillRegistry = (
  call: AwsJsonCall,
  table: string,
  { size, keys }: { readonly size: RegistrySize; readonly keys: RealKeys },
  told: (rows: number) => void,
): Promise<number> => putEntries(call, table, entriesOf(size, keys), told);
