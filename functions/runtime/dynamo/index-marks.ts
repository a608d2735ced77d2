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

/** n: how many leaves; u: until when. */
const toMark = (item: Item | undefined): IndexMark =>
  item === undefined ? noMark : { size: readNumber(item, 'n'), until: readNumber(item, 'u') };

const stands = (mark: IndexMark): Condition => {
  const same = 'n = :n AND u = :u';
  return {
    expression: sameMark(mark, noMark) ? `attribute_not_exists(pk) OR (${same})` : same,
    values: { ':n': number(mark.size), ':u': number(mark.until) },
  };
};

/** How far the index of entries is fed, in the index table: one item a shard. */
export const dynamoIndexMarks = (call: AwsJsonCall, table: string): IndexMarks => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    read: async (shard) => toMark(await get(keyOf(shard))),
    swap: async (shard, expected, next) => {
      const item = { ...keyOf(shard), n: number(next.size), u: number(next.until) };
      const answer = await put(item, stands(expected));
      if (answer === 'written') return 'written';
      const standing = toMark(answer.standing);
      return sameMark(standing, next) ? 'written' : { standing };
    },
  };
};
