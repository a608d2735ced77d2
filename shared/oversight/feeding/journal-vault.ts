import { type Address, addressOf, type Layout } from '../../audit/address.ts';
import { ascending } from '../../audit/ascending.ts';
import type { JournalEntry, JournalStore } from '../../audit/ports.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { VaultRow } from './vault-objects.ts';

/** Entries of a partition that are asked for at once. */
const pageSize = 256;

/** Partitions that are listed at once: in quiet times each inquiry has one of its own. */
const partitionsAtOnce = 16;

/** What the journal shows of the vault; a box of no length says that it was erased. */
const rowOf = ({ address: { id }, intent }: JournalEntry): readonly VaultRow[] => {
  if (intent === undefined) return [];
  const { vault } = intent;
  return [vault.length === 0 ? { kind: 'erased' } : { kind: 'sealed', id, vault }];
};

/** The rows of some ids of one partition, page by page from the lowest of them to the highest. */
const rowsIn = async (
  journal: Pick<JournalStore, 'list'>,
  wanted: readonly Address[],
): Promise<readonly (readonly [InquiryId, VaultRow])[]> => {
  const ids = wanted.map(({ id }) => id).toSorted(ascending);
  const [partition] = wanted;
  const [first, last] = [ids[0], ids.at(-1)];
  if (partition === undefined || first === undefined || last === undefined) return [];
  const asked = new Set(ids);
  const found: (readonly [InquiryId, VaultRow])[] = [];
  const limit = Math.min(pageSize, ids.length);
  // The beginning of an id stands before it, and behind all but fifteen that are lower.
  for (let after = first.slice(0, -1); ; ) {
    const { entries, more } = await journal.list(partition, { after, limit });
    for (const entry of entries) {
      const { id } = entry.address;
      if (asked.has(id)) found.push(...rowOf(entry).map((row) => [id, row] as const));
    }
    const reached = entries.at(-1)?.address.id;
    if (!more || reached === undefined || reached >= last) return found;
    after = reached;
  }
};

/**
 * What the journal still has of the vault, by id: a partition is listed once, from the first of the ids
 * to the last, so that many of them cost one read. Rejects with `store-unavailable`.
 */
export const vaultInJournal =
  ({
    journal,
    layout,
  }: {
    readonly journal: Pick<JournalStore, 'list'>;
    readonly layout: Layout;
  }) =>
  async (ids: readonly InquiryId[]): Promise<ReadonlyMap<InquiryId, VaultRow>> => {
    const addresses = ids.map((id) => addressOf(id, layout));
    const partitions = Map.groupBy(addresses, ({ bucket, slot }) => `${bucket} ${slot}`);
    const rows = await inChunks(partitionsAtOnce, [...partitions.values()], (wanted) =>
      rowsIn(journal, wanted),
    );
    return new Map(rows.flat());
  };
