import type { KeyRingStore, SealedKey } from '#shared/inquiry/key-ring.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { binary, type Item, number, readBinary, readNumber, readText, text } from './item.ts';
import { nothingStands, putIf } from './put-if.ts';
import { queryAll } from './query-all.ts';

const partition = text('X');
const prefix = 'signing#';

/**
 * A key of the exchange: `d`, sealed. `a`: when it was announced, absent until it is on record in the
 * journal; `f`: from when on it signs, absent for the first; both in milliseconds since 1970.
 */
const keyOf = (n: number) => ({ pk: partition, sk: text(`${prefix}${n}`) });

const toKey = (item: Item): SealedKey => {
  const n = Number(readText(item, 'sk').slice(prefix.length));
  if (!Number.isSafeInteger(n) || n < 1) throw new TypeError('A signing key has no number.');
  const key = { n, box: readBinary(item, 'd') };
  if (item['a'] === undefined) return key;
  const from = item['f'] === undefined ? 0 : readNumber(item, 'f');
  return { ...key, announced: { at: readNumber(item, 'a'), from } };
};

/** The ring in the registry table. */
export const dynamoKeyRing = (call: AwsJsonCall, table: string): KeyRingStore => {
  const putWhere = putIf(call, table);
  const taken = (answer: Awaited<ReturnType<typeof putWhere>>): 'written' | 'taken' =>
    answer === 'written' ? 'written' : 'taken';
  return {
    read: async () => {
      const items = await queryAll(call, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': partition, ':prefix': text(prefix) },
      });
      try {
        // As texts, signing#10 comes before signing#2.
        return items.map(toKey).toSorted((a, b) => a.n - b.n);
      } catch (error) {
        throw storeUnavailable(error);
      }
    },
    make: async ({ n, box }) => {
      return taken(await putWhere({ ...keyOf(n), d: binary(box) }, nothingStands));
    },
    mark: async ({ n, box }, { at, from }) => {
      const item = {
        ...keyOf(n),
        d: binary(box),
        a: number(at),
        ...(from > 0 && { f: number(from) }),
      };
      const expression = 'd = :d AND attribute_not_exists(a)';
      return taken(await putWhere(item, { expression, values: { ':d': binary(box) } }));
    },
  };
};
