import { type Address, addressOf, type Layout } from '../../audit/address.ts';
import type { Place } from '../../audit/index/entry-facts.ts';
import type { JournalStore, ObjectStore } from '../../audit/ports.ts';
import { openVault } from '../../inquiry/record.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { readVaultRow, type VaultRow } from '../feeding/vault-objects.ts';

export type VaultParts = {
  /** The store of what can be made again. */
  readonly derived: Pick<ObjectStore, 'get'>;
  readonly journal: Pick<JournalStore, 'read'>;
  readonly settings: { readonly layout: Layout; readonly vaultKey: SecretKey };
};

/** The disclosures of a request; that they were erased; or that none are kept any more. */
export type FoundVault = readonly string[] | 'erased' | 'lost';

const inJournal = async (
  { journal }: VaultParts,
  address: Address,
): Promise<Uint8Array | undefined> => (await journal.read(address)).intent?.vault;

/**
 * What was disclosed with an inquiry, from the vault or else from the journal; `leaf`: where it is in the
 * log, once that is known. What was erased in one of them is erased. Rejects with `store-unavailable`;
 * throws for what cannot be opened.
 */
export const findVault =
  (parts: VaultParts) =>
  async (id: InquiryId, leaf: Place | undefined): Promise<FoundVault> => {
    const { settings, derived } = parts;
    const row: VaultRow =
      leaf === undefined
        ? { kind: 'nothing' }
        : await readVaultRow(derived, leaf.shard, leaf.index);
    if (row.kind === 'erased') return 'erased';
    const kept = await inJournal(parts, addressOf(id, settings.layout));
    const vault = row.kind === 'sealed' && row.id === id ? row.vault : kept;
    if (kept?.length === 0) return 'erased';
    if (vault === undefined) return 'lost';
    return openVault({ id }, { vault }, settings) ?? 'erased';
  };
