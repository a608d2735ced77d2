import {
  type StatedDay,
  type StatementMark,
  type StatementStore,
  sameMark,
} from '#shared/inquiry/statement-store.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { type Condition, getItem, nothingStands, putIf } from './put-if.ts';

const keyOf = ({ by, day }: StatedDay): Item => ({ pk: text(`T#${by}`), sk: text(day) });

/** l: the id of the leaf; d: the digest of what is stated; r: 1 once the leaf is on record. */
const attributesOf = ({ leaf, digest, recorded }: StatementMark) => ({
  l: text(leaf),
  d: text(digest),
  r: number(recorded ? 1 : 0),
});

const toMark = (item: Item): StatementMark => ({
  leaf: InquiryId.parse(readText(item, 'l')),
  digest: readText(item, 'd'),
  recorded: readNumber(item, 'r') === 1,
});

const stands = (mark: StatementMark): Condition => {
  const { l, d, r } = attributesOf(mark);
  return { expression: 'l = :l AND d = :d AND r = :r', values: { ':l': l, ':d': d, ':r': r } };
};

/** Stated days in the index table: one item a participant and day. */
export const dynamoStatementStore = (call: AwsJsonCall, table: string): StatementStore => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    find: async (at) => {
      const item = await get(keyOf(at));
      return item === undefined ? undefined : toMark(item);
    },
    compareAndSwap: async (at, expected, next) => {
      const item = { ...keyOf(at), ...attributesOf(next) };
      const answer = await put(item, expected === undefined ? nothingStands : stands(expected));
      if (answer === 'written') return 'written';
      const standing = answer.standing === undefined ? undefined : toMark(answer.standing);
      return sameMark(standing, next) ? 'written' : { standing };
    },
  };
};
