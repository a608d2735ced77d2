import * as z from 'zod';
import { InquiryId } from '#shared/kernel/id.ts';
import {
  type CensusMark,
  type CensusMarks,
  sameCensus,
} from '#shared/oversight/census/census-marks.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { type Condition, getItem, nothingStands, putIf } from './put-if.ts';

const keyOf = (shard: number): Item => ({ pk: text(`C#${shard}`), sk: text('census') });

/** f and t: from and to; l: the id of the leaf; c: up to where the index was compared; s: the state. */
const attributesOf = ({ from, to, leaf, compared, state }: CensusMark) => ({
  f: number(from),
  t: number(to),
  l: text(leaf),
  c: number(compared),
  s: text(state),
});

const State = z.enum(['begun', 'recorded', 'compared']);

const toMark = (item: Item): CensusMark => ({
  from: readNumber(item, 'f'),
  to: readNumber(item, 't'),
  leaf: InquiryId.parse(readText(item, 'l')),
  // A mark that says nothing of it: all of the log is compared again.
  compared: item['c'] === undefined ? 0 : readNumber(item, 'c'),
  state: State.parse(readText(item, 's')),
});

const stands = (mark: CensusMark): Condition => {
  const { f, t, l, c, s } = attributesOf(mark);
  const compared = mark.compared === 0 ? '(c = :c OR attribute_not_exists(c))' : 'c = :c';
  return {
    expression: `f = :f AND t = :t AND l = :l AND s = :s AND ${compared}`,
    values: { ':f': f, ':t': t, ':l': l, ':c': c, ':s': s },
  };
};

/** What of each log was counted, in the index table: one item a shard. */
export const dynamoCensusMarks = (call: AwsJsonCall, table: string): CensusMarks => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    read: async (shard) => {
      const item = await get(keyOf(shard));
      return item === undefined ? undefined : toMark(item);
    },
    swap: async (shard, expected, next) => {
      const item = { ...keyOf(shard), ...attributesOf(next) };
      const answer = await put(item, expected === undefined ? nothingStands : stands(expected));
      if (answer === 'written') return 'written';
      const standing = answer.standing === undefined ? undefined : toMark(answer.standing);
      return sameCensus(standing, next) ? 'written' : { standing };
    },
  };
};
