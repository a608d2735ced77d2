import type { JsonObject } from '#shared/kernel/strict-json.ts';
import type { Subject } from '#shared/persian/subject.ts';

/** What an agency has on record for one service. */
export type Book = {
  /** By {@link subjectKey}; a record holds the result fields and the values that are compared. */
  readonly records: ReadonlyMap<string, JsonObject>;
  /** Params that say who or what is meant: a record is read only when all of them are right. */
  readonly keys: readonly string[];
  /** Params that can be compared with the record, `keys` among them. */
  readonly compared: readonly string[];
};

/** Under what a subject is looked up. */
export const subjectKey = ({ type, value }: Subject): string =>
  type === 'ir-plate' ? [value.two, value.letter, value.three, value.region].join(' ') : value;

export const bookOf = <Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  record: (item: Item) => JsonObject,
  params: Pick<Book, 'keys' | 'compared'>,
): Book => ({
  records: new Map(items.map((item) => [key(item), record(item)])),
  ...params,
});
