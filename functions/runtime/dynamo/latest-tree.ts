import { type LatestTree, sameTree, type Tree } from '#shared/audit/latest-tree.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { binary, type Item, readBinary, readText, text } from './item.ts';
import { type Condition, getItem, nothingStands, putIf } from './put-if.ts';

const keyOf = (origin: string): Item => ({ pk: text(`T#${origin}`), sk: text('tree') });

/** s: size, in decimal digits because a number of JSON ends at 2^53; r: root. */
const attributesOf = ({ size, root }: Tree) => ({ s: text(String(size)), r: binary(root) });

const toTree = (item: Item): Tree => ({
  size: BigInt(readText(item, 's')),
  root: readBinary(item, 'r'),
});

const stands = (tree: Tree): Condition => {
  const { s, r } = attributesOf(tree);
  return { expression: 's = :s AND r = :r', values: { ':s': s, ':r': r } };
};

/** The signed trees in a DynamoDB-compatible table: one item an origin. */
export const dynamoLatestTree = (call: AwsJsonCall, table: string): LatestTree => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    read: async (origin) => {
      const item = await get(keyOf(origin));
      return item === undefined ? undefined : toTree(item);
    },
    compareAndSwap: async (origin, expected, next) => {
      const item = { ...keyOf(origin), ...attributesOf(next) };
      const answer = await put(item, expected === undefined ? nothingStands : stands(expected));
      if (answer === 'written') return 'written';
      const standing = answer.standing === undefined ? undefined : toTree(answer.standing);
      return sameTree(standing, next) ? 'written' : { standing };
    },
  };
};
