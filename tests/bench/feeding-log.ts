/** A published log whose inquiries have the size of real ones, with the vault of each. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { type Address, addressOf, type Layout } from '#shared/audit/address.ts';
import { leafData } from '#shared/audit/leaf.ts';
import { type MemoryObjectStore, memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { packRecord } from '#shared/audit/pack.ts';
import type { IntentRow, OutcomeRow } from '#shared/audit/ports.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { bundleFile, logKey } from '#shared/audit/sequence/log-files.ts';
import { formatCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { seal } from '#shared/audit/vault.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import type { TagKeys } from '#shared/oversight/feeding/request-tags.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { requestFactsExample } from '#tests/support/messages.ts';
import { counterOf } from '#tests/support/registry.ts';
import { hastySigners, sampleEntries } from './log-entries.ts';

export type FedRow = {
  readonly address: Address;
  readonly intent: IntentRow;
  readonly outcome: OutcomeRow;
};

export type FeedingLog = {
  readonly objects: MemoryObjectStore;
  readonly rows: readonly FedRow[];
  readonly settings: TagKeys & { readonly layout: Layout };
  readonly registry: ReturnType<typeof memoryRegistryStore>;
  /** Publishes the first leaves. */
  readonly publish: (size: number) => void;
};

const key = () => createSecretKey(randomBytes(32));

const signature = { name: 'nobody', id: '00000000', signature: Buffer.alloc(64) };

/** What the request of an inquiry discloses, sealed: four facts, each with a salt of its own. */
const vaultOf = (id: string, vaultKey: ReturnType<typeof key>): Uint8Array => {
  const disclosures = Object.entries(requestFactsExample).map(
    ([name, value]) => makeDisclosure(randomBytes(16), name, value).text,
  );
  return seal(disclosures, `${id}#i`, { key: vaultKey, nonce: () => randomBytes(12) });
};

/** So many inquiries, so many of them a second, in the order of their ids; none is published yet. */
export const feedingLog = async (count: number, perSecond: number): Promise<FeedingLog> => {
  const signers = await hastySigners();
  const layout = { slotKey: key(), slots: 16, shards: 1 };
  const settings = { layout, vaultKey: key(), subjectKey: key() };
  const objects = memoryObjectStore();
  const leaves: Uint8Array[] = [];
  const rows: FedRow[] = [];
  for (const { id, intent, outcome } of sampleEntries(count, perSecond, signers)) {
    leaves.push(leafData(intent, outcome));
    rows.push({
      address: addressOf(id, layout),
      intent: { record: packRecord(intent), vault: vaultOf(id, settings.vaultKey) },
      outcome: { record: packRecord(outcome) },
    });
  }
  const publish = (size: number): void => {
    for (let first = 0; first < size; first += tileWidth) {
      const entries = leaves.slice(first, Math.min(size, first + tileWidth));
      const { path, bytes } = bundleFile(first / tileWidth, entries);
      objects.overwrite(logKey(0, path), bytes);
    }
    const root = new Uint8Array(32);
    const text = formatCheckpoint({ origin: 'bench', size: BigInt(size), root, extensions: [] });
    objects.overwrite(checkpointKey(0), formatNote({ text, signatures: [signature] }));
  };
  const registry = memoryRegistryStore([counterOf(signers.counter.owner)]);
  return { objects, rows, settings, registry, publish };
};
