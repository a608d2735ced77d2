import { entryAt } from '../../audit/index/entry-at.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexInvalid } from '../../audit/index/index-invalid.ts';
import { openedIndex } from '../../audit/index/opened-index.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { BareRow } from '../feeding/subject-index.ts';
import { isIndexed, type Places } from './erase-entries.ts';

export type KnownEntry<Row> = { readonly row: Row; readonly facts: EntryFacts };

/**
 * What the index of entries knows of rows of the subject index, in their order; undefined where it does
 * not know all of them now. A row that leads to another inquiry, or to another's, is `IndexInvalid`:
 * whoever could write one must not be able to have others erased by it.
 */
export const knownEntries = async <Row extends BareRow>(
  { derived, marks, now }: Pick<Places, 'derived' | 'marks'> & { readonly now: Clock },
  rows: readonly Row[],
): Promise<readonly KnownEntry<Row>[] | undefined> => {
  if (!(await isIndexed(marks, rows))) return undefined;
  const index = openedIndex(storedSegments(derived), { segments: 8, summaries: 1 }, now);
  const found: KnownEntry<Row>[] = [];
  for (const row of rows) {
    const facts = await entryAt(index, row);
    const { subjectTag = row.tag } = facts ?? {};
    if (facts?.id !== row.id || subjectTag !== row.tag) {
      throw new IndexInvalid('A row of the subject index leads to another inquiry.');
    }
    found.push({ row, facts });
  }
  return found;
};
