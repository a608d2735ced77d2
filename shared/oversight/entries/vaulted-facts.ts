import type { IntentRow } from '../../audit/ports.ts';
import { InquiryId } from '../../kernel/id.ts';
import { requestTags, type TagKeys } from '../feeding/request-tags.ts';
import type { AuditEntry } from './audit-entry.ts';

/** What of an inquiry in the journal is known from its vault only, and may be shown of it. */
export type VaultedFacts = Pick<AuditEntry, 'operator' | 'hasCase'>;

/** Reads them; nothing where they were erased, and `closed` where they cannot be opened. */
export type ReadVaulted = (
  entry: Pick<AuditEntry, 'id' | 'counter'>,
  row: Pick<IntentRow, 'vault'>,
) => VaultedFacts | 'closed';

/** Who is asked about is opened too, and goes no further. */
export const vaultedFacts =
  (keys: TagKeys): ReadVaulted =>
  ({ id, counter }, { vault }) => {
    if (vault.length === 0) return {};
    const row = { id: InquiryId.parse(id), vault };
    try {
      const { operatorTag, hasCase } = requestTags({ counter }, row, keys);
      return { operator: operatorTag, hasCase };
    } catch {
      // Told by its state: whatever is wrong with it may quote what was disclosed.
      return 'closed';
    }
  };
