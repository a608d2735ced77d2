import type { Layout } from '../../audit/address.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import type { JournalStore, ObjectStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { ObjectSchema } from '../../registry/json-schema.ts';
import { vaultInJournal } from '../feeding/journal-vault.ts';
import { requestPersons, type TagKeys } from '../feeding/request-tags.ts';
import type { ServiceInputs } from '../feeding/service-inputs.ts';
import {
  keepVault,
  nothing,
  standingVault,
  type VaultRow,
  type VaultRows,
} from '../feeding/vault-objects.ts';

/** Services that are looked up at once. */
const servicesAtOnce = 16;

/** What bundles of entries are opened with. */
export type Opening = {
  /** The store of what can be made again. */
  readonly derived: Pick<ObjectStore, 'get' | 'replace'>;
  readonly journal: Pick<JournalStore, 'list'>;
  readonly settings: TagKeys & { readonly layout: Layout };
  /** What says where in their params persons are named. */
  readonly inputs: ServiceInputs;
};

/** An entry with what its disclosures say; `closed` where they are lost or cannot be opened. */
export type OpenedEntry = {
  readonly facts: EntryFacts;
  readonly vault: 'opened' | 'erased' | 'closed';
  /** Pseudonyms of those whom its params name beside its subject; none where they are not opened. */
  readonly named: readonly string[];
};

type Inputs = ReadonlyMap<string, ObjectSchema | undefined>;

/** Tries the row of an entry; that of another entry is none. */
const openRow = (facts: EntryFacts, row: VaultRow, keys: TagKeys, inputs: Inputs): OpenedEntry => {
  if (row.kind === 'erased') return { facts, vault: 'erased', named: [] };
  if (row.kind === 'sealed' && row.id === facts.id) {
    try {
      const { tags, named } = requestPersons(facts, row, keys, inputs.get(facts.service));
      return { facts: { ...facts, ...tags }, vault: 'opened', named };
    } catch {
      // Told by its state: whatever is wrong with it may quote what was disclosed.
    }
  }
  return { facts, vault: 'closed', named: [] };
};

/** The input schemas of the services that entries name. */
const inputsOf = async (inputs: ServiceInputs, entries: readonly EntryFacts[]): Promise<Inputs> => {
  const services = [...new Set(entries.map(({ service }) => service))];
  return new Map(
    await inChunks(servicesAtOnce, services, async (one) => [one, await inputs(one)] as const),
  );
};

const rowIn = (rows: VaultRows | undefined, { index }: EntryFacts): VaultRow =>
  rows?.[index % tileWidth] ?? nothing;

/**
 * Opens entries of one bundle: by the vault that stands, and where it has none that opens by the
 * journal, whose rows are then kept in the vault, durably before it resolves. What was erased is not
 * opened, whatever the journal has. Rejects with `store-unavailable`.
 */
export const openBundle =
  ({ derived, journal, settings, inputs }: Opening) =>
  async (
    { shard, bundle }: { readonly shard: number; readonly bundle: number },
    entries: readonly EntryFacts[],
  ): Promise<readonly OpenedEntry[]> => {
    const standing = await standingVault(derived, shard, bundle);
    const known = await inputsOf(inputs, entries);
    const opened = entries.map((facts) => openRow(facts, rowIn(standing, facts), settings, known));
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
      one.vault === 'closed' ? openRow(one.facts, rowIn(rows, one.facts), settings, known) : one,
    );
  };
