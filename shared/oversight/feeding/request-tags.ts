import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { openVault } from '../../inquiry/record.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { parseDisclosure } from '../../message/disclosure.ts';
import { Subject } from '../../persian/subject.ts';
import { namesCase } from '../entries/names-case.ts';
import { operatorTag, subjectTag, taggedSubject, tagYearOf } from '../tags.ts';

/** What the vault is opened with, and what pseudonyms are made with. */
export type TagKeys = { readonly vaultKey: SecretKey; readonly subjectKey: SecretKey };

/** What of an inquiry is known from its disclosures only. */
export type RequestTags = Required<Pick<EntryFacts, 'subjectTag' | 'operatorTag' | 'hasCase'>>;

/**
 * What the sealed disclosures of an inquiry come to: pseudonyms, and whether a case was named. Throws
 * when they cannot be opened, or are not what a request discloses.
 */
export const requestTags = (
  { counter }: Pick<EntryFacts, 'counter'>,
  { id, vault }: { readonly id: InquiryId; readonly vault: Uint8Array },
  { vaultKey, subjectKey }: TagKeys,
): RequestTags => {
  const texts = openVault({ id }, { vault }, { vaultKey }) ?? [];
  const facts = new Map(
    texts.map(parseDisclosure).map(({ name, value }) => [name, value] as const),
  );
  const operator = facts.get('operator');
  const named = facts.get('case');
  if (typeof operator !== 'string') throw new TypeError('A request discloses who operates.');
  const year = tagYearOf(id);
  return {
    subjectTag: subjectTag(subjectKey, year, taggedSubject(Subject.parse(facts.get('subject')))),
    operatorTag: operatorTag(subjectKey, year, counter, operator),
    hasCase: typeof named === 'string' && namesCase(named),
  };
};
