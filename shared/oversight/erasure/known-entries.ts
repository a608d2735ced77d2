import { entryAt } from '../../audit/index/entry-at.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexInvalid } from '../../audit/index/index-invalid.ts';
import { openedIndex } from '../../audit/index/opened-index.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { OpenedEntry, Opening } from '../entries/open-bundle.ts';
import type { BareRow } from '../feeding/subject-index.ts';
import { readVaultRow } from '../feeding/vault-objects.ts';
import { isIndexed, type Places } from './erase-entries.ts';
import { openEntries } from './open-entries.ts';

export type KnownEntry<Row> = {
  readonly row: Row;
  /** As the index has them. */
  readonly facts: EntryFacts;
  readonly vault: OpenedEntry['vault'];
  /** All pseudonyms whose rows lead to it, as far as anybody can know them. */
  readonly tags: readonly string[];
  /** Its disclosures are lost, and it is about another: nothing is left to erase of it but the row. */
  readonly alone: boolean;
};

const otherOne = (): IndexInvalid =>
  new IndexInvalid('A row of the subject index leads to another inquiry.');

/** Pseudonyms by which an entry is found; undefined where that of the row may not be one of them. */
const tagsOf = (
  { tag }: Pick<BareRow, 'tag'>,
  known: EntryFacts,
  { facts, vault, named }: OpenedEntry,
): readonly string[] | undefined => {
  const subject = facts.subjectTag ?? known.subjectTag;
  const tags = [...(subject === undefined ? [] : [subject]), ...named];
  switch (vault) {
    case 'opened':
      return tags.includes(tag) ? tags : undefined;
    case 'closed':
      return tags.length === 0 || tags.includes(tag) ? [tag] : undefined;
    case 'erased':
      // Nothing is left of it that a wrong row could take.
      return [...new Set([tag, ...tags])];
  }
};

/**
 * Whether nobody has the disclosures of an inquiry that was not opened: whom it named is in them only. One
 * that is kept and does not open may open under another secret.
 */
const isLost = async (
  derived: Places['derived'],
  { facts: { shard, index }, vault }: OpenedEntry,
): Promise<boolean> =>
  vault === 'closed' && (await readVaultRow(derived, shard, index)).kind === 'nothing';

/**
 * What is known of rows of the subject index, in their order; undefined where the index of entries does
 * not know all of them now. A row that leads to another inquiry, or to one that is not about whom it is
 * of and does not name them, is `IndexInvalid`: whoever could write one must not be able to have others
 * erased by it. So the vault is believed and not the row; where it is lost, the row goes and nothing else.
 */
export const knownEntries = async <Row extends BareRow>(
  {
    derived,
    marks,
    now,
    opening,
  }: Pick<Places, 'derived' | 'marks'> & { readonly now: Clock; readonly opening: Opening },
  rows: readonly Row[],
): Promise<readonly KnownEntry<Row>[] | undefined> => {
  if (!(await isIndexed(marks, rows))) return undefined;
  const index = openedIndex(storedSegments(derived), { segments: 8, summaries: 1 }, now);
  const known: EntryFacts[] = [];
  for (const row of rows) {
    const facts = await entryAt(index, row);
    if (facts?.id !== row.id) throw otherOne();
    known.push(facts);
  }
  const opened = await openEntries(opening)(known);
  const found: KnownEntry<Row>[] = [];
  for (const [n, row] of rows.entries()) {
    const one = opened[n];
    if (one === undefined) throw otherOne();
    const tags = tagsOf(row, one.entry, one);
    const alone = tags === undefined && (await isLost(derived, one));
    if (tags === undefined && !alone) throw otherOne();
    found.push({ row, facts: one.entry, vault: one.vault, tags: tags ?? [row.tag], alone });
  }
  return found;
};
