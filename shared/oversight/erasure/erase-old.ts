import type { Layout } from '../../audit/address.ts';
import type { JournalStore } from '../../audit/ports.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { type ExportErasing, eraseExports } from '../exports/erase-exports.ts';
import { vaultInJournal } from '../feeding/journal-vault.ts';
import type { SubjectIndex, SubjectRowName } from '../feeding/subject-index.ts';
import {
  eraseInJournal,
  eraseInVault,
  eraseTags,
  isIndexed,
  type Placed,
  type Places,
} from './erase-entries.ts';

type OldPlaces = Omit<Places, 'journal'> &
  ExportErasing & {
    readonly journal: Pick<JournalStore, 'eraseFacts' | 'list'>;
    readonly subjects: Pick<SubjectIndex, 'remove'>;
    readonly layout: Layout;
  };

/** An entry that is to be erased, and the pseudonyms whose rows lead to it: its subject's, and others'. */
export type OldEntry = Placed & {
  readonly t: number;
  readonly subjectTag: string | undefined;
  readonly others: readonly string[];
};

const rowsOf = ({ subjectTag, others, t, shard, index }: OldEntry): readonly SubjectRowName[] => {
  const tags = subjectTag === undefined ? others : [subjectTag, ...others];
  return tags.map((tag) => ({ tag, t, shard, index }));
};

/** Empties the rows of the journal; of those it has none any more it is not asked to. */
const eraseStanding = async (
  { journal, layout }: Pick<OldPlaces, 'journal' | 'layout'>,
  ids: readonly InquiryId[],
): Promise<void> => {
  const kept = await vaultInJournal({ journal, layout })(ids);
  const standing = [...kept].flatMap(([id, { kind }]) => (kind === 'sealed' ? [id] : []));
  await eraseInJournal({ journal, layout }, standing);
};

/**
 * Erases entries everywhere; false where the index does not know them any more. Done again it is the
 * same.
 */
export const eraseOld = async (
  { journal, derived, subjects, marks, layout, ...exporting }: OldPlaces,
  entries: readonly OldEntry[],
): Promise<boolean> => {
  const ids = entries.map(({ id }) => id);
  await eraseStanding({ journal, layout }, ids);
  await eraseInVault(derived, entries);
  // What is fed from now on is fed from an empty vault.
  if (!(await isIndexed(marks, entries))) return false;
  await eraseExports(exporting, ids);
  await subjects.remove(entries.flatMap(rowsOf));
  await eraseTags(derived, entries);
  return true;
};
