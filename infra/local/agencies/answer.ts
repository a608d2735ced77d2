import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import type { AgencyOutcome, Level } from '#shared/message/claims.ts';
import type { Subject } from '#shared/persian/subject.ts';
import { toSearchKey } from '#shared/persian/text.ts';
import { type Book, subjectKey } from './book.ts';

export type Answer = { readonly outcome: AgencyOutcome; readonly result: JsonObject };

export type Asked = {
  readonly subject: Subject;
  readonly params: JsonObject;
  readonly level: Level;
  /** The result fields that the asker may have: no other one is filled. */
  readonly fields: readonly string[];
};

/** Names match in any spelling of theirs; a birth year alone matches every day of it. */
const isSame = (
  param: string,
  sent: JsonValue | undefined,
  held: JsonValue | undefined,
): boolean => {
  if (typeof sent !== 'string' || typeof held !== 'string') return sent === held;
  if (param === 'birthDate' && sent.length === 4) return held.startsWith(sent);
  return toSearchKey(sent) === toSearchKey(held);
};

const only = (result: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(result).filter(([name]) => fields.includes(name)));

const matching = (
  book: Book,
  record: JsonObject,
  params: JsonObject,
): ReadonlyMap<string, boolean> =>
  new Map(
    book.compared
      .filter((param) => param in params)
      .map((param) => [param, isSame(param, params[param], record[param])]),
  );

/** Yes or no, and nothing else. */
const verify = (record: JsonObject | undefined, flags: ReadonlyMap<string, boolean>): Answer => {
  const right = record !== undefined && [...flags.values()].every(Boolean);
  return { outcome: right ? 'MATCH' : 'NO_MATCH', result: {} };
};

/** Yes or no for each value that was sent; somebody unknown is told like somebody else. */
const match = (
  record: JsonObject | undefined,
  flags: ReadonlyMap<string, boolean>,
  fields: readonly string[],
): Answer => {
  const told = [...flags].map(([param, same]): [string, boolean] => [`${param}Matches`, same]);
  return { ...verify(record, flags), result: only(Object.fromEntries(told), fields) };
};

const read = (
  book: Book,
  record: JsonObject | undefined,
  flags: ReadonlyMap<string, boolean>,
  fields: readonly string[],
): Answer => {
  const found = record !== undefined && book.keys.every((key) => flags.get(key) === true);
  return found
    ? { outcome: 'FOUND', result: only(record, fields) }
    : { outcome: 'NOT_FOUND', result: {} };
};

/** Answers from the records at the level that the forward names (domain.md, disclosure levels). */
export const answerFrom = (book: Book, { subject, params, level, fields }: Asked): Answer => {
  const record = book.records.get(subjectKey(subject));
  const flags = record === undefined ? new Map() : matching(book, record, params);
  switch (level) {
    case 'verify':
      return verify(record, flags);
    case 'match':
      return match(record, flags, fields);
    case 'read':
      return read(book, record, flags, fields);
  }
};
