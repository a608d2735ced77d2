import type { Layout } from '../../audit/address.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import type { JournalStore, ObjectStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import { vaultInJournal } from '../feeding/journal-vault.ts';
import { type RequestTags, requestTags, type TagKeys } from '../feeding/request-tags.ts';
import { VaultInvalid } from '../feeding/vault-form.ts';
import {
  keepVault,
  nothing,
  readVault,
  type VaultRow,
  type VaultRows,
} from '../feeding/vault-objects.ts';

/** What bundles of entries are opened with. */
export type Opening = {
  /** The store of what can be made again. */
  readonly derived: Pick<ObjectStore, 'get' | 'replace'>;
  readonly journal: Pick<JournalStore, 'list'>;
  readonly settings: TagKeys & { readonly layout: Layout };
};

/** An entry with what its disclosures say; `closed` where they are lost or cannot be opened. */
export type OpenedEntry = {
  readonly facts: EntryFacts;
  readonly vault: 'opened' | 'erased' | 'closed';
};

const withTags = (facts: EntryFacts, tags: RequestTags): OpenedEntry => ({
  facts: { ...facts, ...tags },
  vault: 'opened',
});

/** Tries the row of an entry; that of another entry is none. */
const openRow = (facts: EntryFacts, row: VaultRow, keys: TagKeys): OpenedEntry => {
  if (row.kind === 'erased') return { facts, vault: 'erased' };
  if (row.kind === 'sealed' && row.id === facts.id) {
    try {
      return withTags(facts, requestTags(facts, row, keys));
    } catch {
      // Told by its state: whatever is wrong with it may quote what was disclosed.
    }
  }
  return { facts, vault: 'closed' };
};

/** The vault as it stands; undefined for an object that cannot be read, which nobody writes over. */
const standingVault = async (
  derived: Opening['derived'],
  shard: number,
  bundle: number,
): Promise<VaultRows | undefined> => {
  try {
    return await readVault(derived, shard, bundle);
  } catch (error) {
    if (error instanceof VaultInvalid) return undefined;
    throw error;
  }
};

const rowIn = (rows: VaultRows | undefined, { index }: EntryFacts): VaultRow =>
  rows?.[index % tileWidth] ?? nothing;

/**
 * Opens entries of one bundle: by the vault that stands, and where it has none that opens by the
 * journal, whose rows are then kept in the vault, durably before it resolves. What was erased is not
 * opened, whatever the journal has. Rejects with `store-unavailable`.
 */
export const openBundle =
  ({ derived, journal, settings }: Opening) =>
  async (
    { shard, bundle }: { readonly shard: number; readonly bundle: number },
    entries: readonly EntryFacts[],
  ): Promise<readonly OpenedEntry[]> => {
    const standing = await standingVault(derived, shard, bundle);
    const opened = entries.map((facts) => openRow(facts, rowIn(standing, facts), settings));
    const closed = opened.filter(({ vault }) => vault === 'closed');
    if (closed.length === 0) return opened;
    const ids = closed.map(({ facts }) => InquiryId.parse(facts.id));
    const found = await vaultInJournal({ journal, layout: settings.layout })(ids);
    if (found.size === 0) return opened;
    const added = new Map(
      closed.map(({ facts }) => [
        facts.index % tileWidth,
        found.get(InquiryId.parse(facts.id)) ?? nothing,
      ]),
    );
    const rows =
      standing === undefined
        ? Array.from({ length: tileWidth }, (_, place) => added.get(place) ?? nothing)
        : await keepVault(derived, shard, bundle, added);
    return opened.map((one) =>
      one.vault === 'closed' ? openRow(one.facts, rowIn(rows, one.facts), settings) : one,
    );
  };
