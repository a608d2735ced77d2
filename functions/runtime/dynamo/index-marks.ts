import {
  type IndexMark,
  type IndexMarks,
  noMark,
  sameMark,
} from '#shared/oversight/feeding/index-marks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readNumber, text } from './item.ts';
import { type Condition, getItem, putIf } from './put-if.ts';

const keyOf = (shard: number): Item => ({ pk: text(`F#${shard}`), sk: text('entries') });

/** n: how many leaves; u: until when; l: how late, where that is known. */
const attributesOf = ({ size, until, late }: IndexMark): Item => ({
  n: number(size),
  u: number(until),
  ...(late !== undefined && { l: number(late) }),
});

const toMark = (item: Item | undefined): IndexMark => {
  if (item === undefined) return noMark;
  return {
    size: readNumber(item, 'n'),
    until: readNumber(item, 'u'),
    ...(item['l'] !== undefined && { late: readNumber(item, 'l') }),
  };
};

const stands = (mark: IndexMark): Condition => {
  const { n, u, l } = attributesOf(mark);
  const same = `n = :n AND u = :u AND ${l === undefined ? 'attribute_not_exists(l)' : 'l = :l'}`;
  return {
    expression: sameMark(mark, noMark) ? `attribute_not_exists(pk) OR (${same})` : same,
    values: { ':n': n ?? number(0), ':u': u ?? number(0), ...(l !== undefined && { ':l': l }) },
  };
};

/** How far the index of entries is fed, in the index table: one item a shard. */
export const dynamoIndexMarks = (call: AwsJsonCall, table: string): IndexMarks => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    read: async (shard) => toMark(await get(keyOf(shard))),
    swap: async (shard, expected, next) => {
      const item = { ...keyOf(shard), ...attributesOf(next) };
      const answer = await put(item, stands(expected));
      if (answer === 'written') return 'written';
      const standing = toMark(answer.standing);
      return sameMark(standing, next) ? 'written' : { standing };
    },
  };
};
