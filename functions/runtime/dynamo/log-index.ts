import * as z from 'zod';
import type { LogIndex, Places } from '#shared/audit/log-index.ts';
import { mergePlaces, placesWithin } from '#shared/audit/merge-places.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { inChunks } from '#shared/kernel/in-chunks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { type Condition, getItem, putIf, putItem } from './put-if.ts';
import { queryAll } from './query-all.ts';

/** Items that are put at once. */
const putsAtOnce = 16;

/** Places in one item: 60 KB at most, of the 400 KB that an item may have. */
const placesPerItem = 1000;

const RangeRows = z.array(z.tuple([z.int(), z.int(), z.int()]));
const LateRows = z.array(z.tuple([z.string(), z.int(), z.int()]));

const partitionOf = (shard: number, bucket: number): string => `B#${shard}#${bucket}`;

/** Where it stands how far a shard's index is fed: `n` leaves. */
const fedKey = (shard: number) => ({ pk: text(`F#${shard}`), sk: text('fed') });

const behind = (size: number): Condition => ({
  expression: 'attribute_not_exists(pk) OR n < :size',
  values: { ':size': number(size) },
});

const chunks = <Row>(rows: readonly Row[]): ReadonlyArray<readonly Row[]> =>
  Array.from({ length: Math.ceil(rows.length / placesPerItem) }, (_, n) =>
    rows.slice(n * placesPerItem, (n + 1) * placesPerItem),
  );

/**
 * The items of one kind: the places of a bucket in one of them, `j`. The sort key is a digest of
 * what it says, so an item meets itself again and no other.
 */
const itemsOf = <Place extends { readonly bucket: number }>(
  shard: number,
  kind: 'late' | 'range',
  places: readonly Place[],
  rowOf: (place: Place) => readonly unknown[],
): readonly Item[] =>
  [...Map.groupBy(places, ({ bucket }) => bucket)].flatMap(([bucket, own]) =>
    chunks(own.map(rowOf)).map((rows) => {
      const json = JSON.stringify(rows);
      const sk = text(`${kind}#${sha256Url(json)}`);
      return { pk: text(partitionOf(shard, bucket)), sk, j: text(json) };
    }),
  );

const toPlaces = (item: Item, bucket: number): Places => {
  const rows: unknown = JSON.parse(readText(item, 'j'));
  if (readText(item, 'sk').startsWith('late#')) {
    const late = LateRows.parse(rows).map(([id, slot, index]) => ({ id, bucket, slot, index }));
    return { ranges: [], late };
  }
  const ranges = RangeRows.parse(rows).map(([slot, start, count]) => ({
    bucket,
    slot,
    start,
    count,
  }));
  return { ranges, late: [] };
};

/** The index of the log in a DynamoDB-compatible table: PutItem, GetItem and consistent Query. */
export const dynamoLogIndex = (call: AwsJsonCall, table: string): LogIndex => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    put: async (shard, places) => {
      const { ranges, late } = mergePlaces([places]);
      const items = [
        ...itemsOf(shard, 'range', ranges, ({ slot, start, count }) => [slot, start, count]),
        ...itemsOf(shard, 'late', late, ({ id, slot, index }) => [id, slot, index]),
      ];
      await inChunks(putsAtOnce, items, putItem(call, table));
    },
    find: async (partition) => {
      const items = await queryAll(call, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': text(partitionOf(partition.shard, partition.bucket)) },
      });
      const found = mergePlaces(items.map((item) => toPlaces(item, partition.bucket)));
      return placesWithin(found, partition);
    },
    fed: async (shard) => {
      const item = await get(fedKey(shard));
      return item === undefined ? 0 : readNumber(item, 'n');
    },
    advance: async (shard, size) => {
      // Where the condition fails, as much is told already.
      await put({ ...fedKey(shard), n: number(size) }, behind(size));
    },
  };
};
