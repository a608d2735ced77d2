import { formatHead, parseHead } from '#shared/audit/head-text.ts';
import { type Head, type LogHead, lostHead } from '#shared/audit/log-head.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readText, text } from './item.ts';
import { type Condition, getItem, nothingStands, putIf } from './put-if.ts';

const keyOf = (shard: number): Item => ({ pk: text(`H#${shard}`), sk: text('head') });

/** `j`: the head as JSON, `n`: its version. */
const headItem = (shard: number, head: Head): Item => ({
  ...keyOf(shard),
  j: text(formatHead(head)),
  n: number(head.version),
});

const follows = ({ version }: Head): Condition =>
  version === 1
    ? nothingStands
    : { expression: 'n = :before', values: { ':before': number(version - 1) } };

/** The heads of the logs in a DynamoDB-compatible table: one item a shard. */
export const dynamoLogHead = (call: AwsJsonCall, table: string): LogHead => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    read: async (shard) => {
      const item = await get(keyOf(shard));
      return item === undefined ? undefined : parseHead(readText(item, 'j'));
    },
    compareAndSwap: async (shard, next) => {
      const answer = await put(headItem(shard, next), follows(next));
      if (answer === 'written') return 'written';
      if (answer.standing === undefined) throw lostHead();
      const standing = readText(answer.standing, 'j');
      return standing === formatHead(next) ? 'written' : parseHead(standing);
    },
  };
};
