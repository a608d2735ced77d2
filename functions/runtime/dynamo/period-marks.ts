import { bucketLength, bucketsPerPeriod, periodOf } from '#shared/audit/address.ts';
import { inChunks } from '#shared/kernel/in-chunks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readText, text } from './item.ts';
import { putItem } from './put-if.ts';
import { queryAll } from './query-all.ts';

/** Periods whose marks share a partition. */
const periodsPerDay = 144;

/** Marks that a process remembers: entries come in the order of time, but for stragglers. */
const remembered = 8;

/** Days that are asked for at once. */
const daysAtOnce = 8;

const dayOf = (period: number): number => Math.floor(period / periodsPerDay);

const partitionOf = (day: number): string => `P#${day}`;

/** As text in the order of the numbers. */
const sortKeyOf = (period: number): string => String(period).padStart(10, '0');

/** A period's mark lasts as long as its last row. */
const markItem = (period: number, keptFor: number): Item => ({
  pk: text(partitionOf(dayOf(period))),
  sk: text(sortKeyOf(period)),
  x: number(((period + 1) * bucketsPerPeriod * bucketLength) / 1000 + keptFor),
});

export type PeriodMarks = {
  /** Makes sure that the period of a bucket is marked; rejects when it cannot. */
  readonly mark: (bucket: number) => Promise<void>;
  /** The marked periods from `from` up to and without `to`, ascending. */
  readonly list: (from: number, to: number) => Promise<readonly number[]>;
};

/**
 * Marks of the periods in which the journal holds something, beside its rows; all shards share
 * them. A process puts each mark once. `keptFor`: seconds that a row of the journal is kept.
 */
export const periodMarks = (call: AwsJsonCall, table: string, keptFor: number): PeriodMarks => {
  const marks = new Map<number, Promise<void>>();

  const put = putItem(call, table);

  const listDay = (from: number, to: number) => (day: number) =>
    queryAll(call, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :last',
      ExpressionAttributeValues: {
        ':pk': text(partitionOf(day)),
        ':from': text(sortKeyOf(from)),
        ':last': text(sortKeyOf(to - 1)),
      },
    });

  return {
    mark: (bucket) => {
      const period = periodOf(bucket);
      const known = marks.get(period);
      if (known !== undefined) return known;
      const [oldest] = marks.keys();
      if (oldest !== undefined && marks.size >= remembered) marks.delete(oldest);
      const mark = put(markItem(period, keptFor));
      marks.set(period, mark);
      mark.catch(() => {
        if (marks.get(period) === mark) marks.delete(period);
      });
      return mark;
    },
    list: async (from, to) => {
      if (from >= to) return [];
      const first = dayOf(from);
      const days = Array.from({ length: dayOf(to - 1) - first + 1 }, (_, n) => first + n);
      const found = await inChunks(daysAtOnce, days, listDay(from, to));
      return found.flat().map((item) => Number(readText(item, 'sk')));
    },
  };
};
