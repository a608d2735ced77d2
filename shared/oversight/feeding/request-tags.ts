import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { openVault } from '../../inquiry/record.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { JsonValue } from '../../kernel/strict-json.ts';
import { parseDisclosure } from '../../message/disclosure.ts';
import { Subject } from '../../persian/subject.ts';
import type { ObjectSchema } from '../../registry/json-schema.ts';
import { namesCase } from '../entries/names-case.ts';
import { operatorTag, subjectTag, taggedSubject, tagYearOf } from '../tags.ts';
import { namedPersons } from './named-persons.ts';

/** What the vault is opened with, and what pseudonyms are made with. */
export type TagKeys = { readonly vaultKey: SecretKey; readonly subjectKey: SecretKey };

/** What of an inquiry is known from its disclosures only. */
export type RequestTags = Required<Pick<EntryFacts, 'subjectTag' | 'operatorTag' | 'hasCase'>>;

/** The sealed disclosures of an inquiry. */
type SealedRequest = { readonly id: InquiryId; readonly vault: Uint8Array };

type Facts = ReadonlyMap<string, JsonValue>;

const openFacts = ({ id, vault }: SealedRequest, { vaultKey }: TagKeys): Facts => {
  const texts = openVault({ id }, { vault }, { vaultKey }) ?? [];
  return new Map(texts.map(parseDisclosure).map(({ name, value }) => [name, value] as const));
};

const tagsOf = (
  facts: Facts,
  { counter, id }: Pick<EntryFacts, 'counter'> & Pick<SealedRequest, 'id'>,
  { subjectKey }: TagKeys,
): RequestTags => {
  const [operator, named] = [facts.get('operator'), facts.get('case')];
  if (typeof operator !== 'string') throw new TypeError('A request discloses who operates.');
  const year = tagYearOf(id);
  return {
    subjectTag: subjectTag(subjectKey, year, taggedSubject(Subject.parse(facts.get('subject')))),
    operatorTag: operatorTag(subjectKey, year, counter, operator),
    hasCase: typeof named === 'string' && namesCase(named),
  };
};

/**
 * What the sealed disclosures of an inquiry come to: pseudonyms, and whether a case was named. Throws
 * when they cannot be opened, or are not what a request discloses.
 */
export const requestTags = (
  { counter }: Pick<EntryFacts, 'counter'>,
  sealed: SealedRequest,
  keys: TagKeys,
): RequestTags => tagsOf(openFacts(sealed, keys), { counter, id: sealed.id }, keys);

/**
 * The same, with the pseudonyms of those whom the params name beside the subject, by the input schema
 * of the service; without one nobody is named. Throws as {@link requestTags} does.
 */
export const requestPersons = (
  { counter }: Pick<EntryFacts, 'counter'>,
  sealed: SealedRequest,
  keys: TagKeys,
  input: ObjectSchema | undefined,
): { readonly tags: RequestTags; readonly named: readonly string[] } => {
  const facts = openFacts(sealed, keys);
  const tags = tagsOf(facts, { counter, id: sealed.id }, keys);
  const params = facts.get('params');
  const persons = input === undefined || params === undefined ? [] : namedPersons(input, params);
  const year = tagYearOf(sealed.id);
  const named = persons.map((one) => subjectTag(keys.subjectKey, year, taggedSubject(one)));
  return { tags, named: named.filter((tag) => tag !== tags.subjectTag) };
};
