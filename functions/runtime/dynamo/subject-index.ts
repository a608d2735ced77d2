import { InquiryId } from '#shared/kernel/id.ts';
import { inChunks } from '#shared/kernel/in-chunks.ts';
import {
  compareRows,
  type KnownFacts,
  pageOf,
  type SubjectIndex,
  type SubjectRow,
  type SubjectRowName,
} from '#shared/oversight/feeding/subject-index.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { nothingStands, putIf } from './put-if.ts';
import { queryAll } from './query-all.ts';

/** Partitions of a tag, so that somebody who is asked about all the time makes none of them hot. */
const partitions = [0, 1, 2, 3] as const;

/** Items that are put or removed at once. */
const writesAtOnce = 16;

/** The last time that has 13 digits, in the year 2286: what is asked for behind it is all there is. */
const lastTime = 9_999_999_999_999;

const timeText = (t: number): string =>
  String(Math.max(0, Math.min(t, lastTime))).padStart(13, '0');

const partitionOf = (tag: string, partition: number): Item[string] => text(`S#${tag}#${partition}`);

const keyOf = ({ tag, t, shard, index }: SubjectRowName): Item => ({
  pk: partitionOf(tag, index % partitions.length),
  sk: text(`${timeText(t)}#${String(shard).padStart(4, '0')}#${String(index).padStart(16, '0')}`),
});

/**
 * i: the inquiry; o and n: where its leaf begins in its bundle, and how long it is; p, w and c: its
 * province, who sat at the desk, and whether a case was named, where that is known; m: 1 where it was
 * about another.
 */
const toItem = ({ id, place, known, named, ...name }: SubjectRow): Item => {
  const { province, operatorTag, hasCase } = known;
  return {
    ...keyOf(name),
    i: text(id),
    o: number(place.offset),
    n: number(place.length),
    ...(province !== undefined && { p: text(province) }),
    ...(operatorTag !== undefined && { w: text(operatorTag) }),
    ...(hasCase !== undefined && { c: number(hasCase ? 1 : 0) }),
    ...(named && { m: number(1) }),
  };
};

const toKnown = (item: Item): KnownFacts => ({
  ...(item['p'] !== undefined && { province: readText(item, 'p') }),
  ...(item['w'] !== undefined && { operatorTag: readText(item, 'w') }),
  ...(item['c'] !== undefined && { hasCase: readNumber(item, 'c') === 1 }),
});

const toRow =
  (tag: string) =>
  (item: Item): SubjectRow => {
    const [t, shard, index] = readText(item, 'sk').split('#').map(Number);
    if (t === undefined || shard === undefined || index === undefined) {
      throw storeUnavailable(new TypeError('A row of the subject index has another key.'));
    }
    const place = { offset: readNumber(item, 'o'), length: readNumber(item, 'n') };
    const id = InquiryId.parse(readText(item, 'i'));
    const row = { tag, t, shard, index, id, place, known: toKnown(item) };
    return item['m'] === undefined ? row : { ...row, named: true };
  };

/** Which rows of a tag are meant. */
type Keyed = { readonly expression: string; readonly values: Item };

const before = (t: number): Keyed => ({
  expression: 'sk < :before',
  values: { ':before': text(timeText(t)) },
});

const at = (t: number): Keyed => ({
  expression: 'begins_with(sk, :t)',
  values: { ':t': text(`${timeText(t)}#`) },
});

/** Who was asked about, in a table of its own: PutItem, consistent Query and DeleteItem. */
export const dynamoSubjectIndex = (call: AwsJsonCall, table: string): SubjectIndex => {
  const put = putIf(call, table);

  /** Newest first, of each partition at most `limit`. */
  const query = async (
    tag: string,
    keyed: Keyed,
    limit?: number,
  ): Promise<readonly SubjectRow[]> => {
    const items = await inChunks(partitions.length, partitions, (partition) =>
      queryAll(call, {
        TableName: table,
        KeyConditionExpression: `pk = :pk AND ${keyed.expression}`,
        ExpressionAttributeValues: { ':pk': partitionOf(tag, partition), ...keyed.values },
        ScanIndexForward: false,
        ...(limit !== undefined && { Limit: limit }),
      }),
    );
    return items.flat().map(toRow(tag)).toSorted(compareRows);
  };

  const remove = async (row: SubjectRowName): Promise<void> => {
    try {
      await call('DeleteItem', { TableName: table, Key: keyOf(row) });
    } catch (error) {
      throw storeUnavailable(error);
    }
  };

  return {
    put: async (rows) => {
      await inChunks(writesAtOnce, rows, (row) => put(toItem(row), nothingStands));
    },
    list: async (tag, { before: end, limit }) => {
      const found = await query(tag, before(end), limit + 1);
      const [first] = found;
      const last = found[limit];
      if (first === undefined || last === undefined || first.t !== last.t)
        return pageOf(found, limit);
      // One millisecond fills the page, and may have more rows than were asked for.
      const { t } = first;
      const [rows, older] = [await query(tag, at(t)), await query(tag, before(t), 1)];
      return { rows, more: older.length > 0 };
    },
    remove: async (rows) => {
      await inChunks(writesAtOnce, rows, remove);
    },
  };
};
