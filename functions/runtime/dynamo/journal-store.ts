import { type Address, bucketLength, type Partition } from '#shared/audit/address.ts';
import type {
  HoldRow,
  IntentRow,
  JournalEntry,
  JournalRows,
  JournalStore,
  OutcomeRow,
  RetryRow,
} from '#shared/audit/ports.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, storeUnavailable } from './client.ts';
import {
  binary,
  GetAnswer,
  Item,
  number,
  QueryAnswer,
  readBinary,
  readNumber,
  readText,
  text,
} from './item.ts';

/** Seconds a row stays in the journal: the log holds it for ever (audit-log.md §4). */
const keptFor = 14 * 86_400;

const partitionKey = ({ shard, bucket, slot }: Partition): string => `J#${shard}#${bucket}#${slot}`;

/** Attribute names are one letter: a row must fit a write unit of 1 KB. r: record, d: disclosures. */
const intentItem = (address: Address, { record, vault }: IntentRow): Item => ({
  ...keyOf(address, 'i'),
  r: binary(record),
  d: binary(vault),
  x: number(expiry(address)),
});

const outcomeItem = (address: Address, { record }: OutcomeRow): Item => ({
  ...keyOf(address, 'o'),
  r: binary(record),
  x: number(expiry(address)),
});

const holdItem = (address: Address, { vault, until }: HoldRow): Item => ({
  ...keyOf(address, 'h'),
  d: binary(vault),
  u: number(until),
  x: number(Math.ceil(until / 1000)),
});

const keyOf = (address: Address, row: 'i' | 'o' | 'h'): Item => ({
  pk: text(partitionKey(address)),
  sk: text(`${address.id}#${row}`),
});

/** Retries lie in partitions of their own, so that no number of them can hide an entry in a listing. */
const retryItem = (address: Address, { jti, nonce, until }: RetryRow): Item => ({
  pk: text(`R${partitionKey(address)}`),
  sk: text(`${address.id}#${jti}`),
  n: binary(nonce),
  x: number(Math.ceil(until / 1000)),
});

const expiry = ({ bucket }: Partition): number => (bucket * bucketLength) / 1000 + keptFor;

const toIntent = (item: Item): IntentRow => ({
  record: readBinary(item, 'r'),
  vault: readBinary(item, 'd'),
});
const toOutcome = (item: Item): OutcomeRow => ({ record: readBinary(item, 'r') });
const toHold = (item: Item): HoldRow => ({
  vault: readBinary(item, 'd'),
  until: readNumber(item, 'u'),
});

const toRows = (items: readonly Item[]): JournalRows => {
  const find = (row: string): Item | undefined =>
    items.find((item) => readText(item, 'sk').endsWith(`#${row}`));
  const [intent, outcome, hold] = [find('i'), find('o'), find('h')];
  return {
    ...(intent !== undefined && { intent: toIntent(intent) }),
    ...(outcome !== undefined && { outcome: toOutcome(outcome) }),
    ...(hold !== undefined && { hold: toHold(hold) }),
  };
};

/** The journal in a DynamoDB-compatible table: conditional PutItem and consistent Query, no more. */
export const dynamoJournalStore = (call: AwsJsonCall, table: string): JournalStore => {
  /** Puts an item where none stands; hands back the one that stands instead. */
  const putNew = async (item: Item): Promise<Item | undefined> => {
    try {
      await call('PutItem', {
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return undefined;
    } catch (error) {
      const failure = conditionFailure(error);
      if (failure === undefined) throw storeUnavailable(error);
      return GetAnswer.safeParse(failure.body).data?.Item ?? (await get(item));
    }
  };

  /** For a store that does not hand back what stands when a condition fails. */
  const get = async ({ pk, sk }: Item): Promise<Item> => {
    try {
      const key = { TableName: table, Key: { pk, sk }, ConsistentRead: true };
      const { Item: standing } = GetAnswer.parse(await call('GetItem', key));
      if (standing === undefined) throw new Error('A condition failed on nothing.');
      return standing;
    } catch (error) {
      throw storeUnavailable(error);
    }
  };

  const query = async (
    partition: Partition,
    keyed: string,
    values: Item,
    limit?: number,
  ): Promise<ReturnType<typeof QueryAnswer.parse>> => {
    try {
      const answer = await call('Query', {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: `pk = :pk AND ${keyed}`,
        ExpressionAttributeValues: { ':pk': text(partitionKey(partition)), ...values },
        Limit: limit,
      });
      return QueryAnswer.parse(answer);
    } catch (error) {
      throw storeUnavailable(error);
    }
  };

  return {
    putIntent: async (address, row) => {
      const standing = await putNew(intentItem(address, row));
      if (standing === undefined) return 'written';
      const other = toIntent(standing);
      const same = equalBytes(other.record, row.record) && equalBytes(other.vault, row.vault);
      return same ? 'written' : other;
    },
    putOutcome: async (address, row) => {
      const standing = await putNew(outcomeItem(address, row));
      if (standing === undefined) return 'written';
      const other = toOutcome(standing);
      return equalBytes(other.record, row.record) ? 'written' : other;
    },
    putHold: async (address, row) => {
      await putNew(holdItem(address, row));
    },
    useRetry: async (address, row) => {
      const standing = await putNew(retryItem(address, row));
      if (standing === undefined) return 'written';
      return equalBytes(readBinary(standing, 'n'), row.nonce) ? 'written' : 'used';
    },
    read: async (address) => {
      const own = { ':id': text(`${address.id}#`) };
      const { Items } = await query(address, 'begins_with(sk, :id)', own);
      return toRows(Items);
    },
    list: async (partition, { after, limit }) => {
      const later = { ':after': text(after === '' ? ' ' : `${after}#~`) };
      // An inquiry has three rows; the last group of a page may be cut and is read again.
      const rows = limit * 3 + 3;
      const { Items, LastEvaluatedKey } = await query(partition, 'sk > :after', later, rows);
      const groups = [...Map.groupBy(Items, (item) => readText(item, 'sk').slice(0, 36))];
      const cut = LastEvaluatedKey !== undefined;
      const whole = groups.slice(0, Math.min(limit, cut ? groups.length - 1 : groups.length));
      const entries = whole.map(
        ([id, items]): JournalEntry => ({
          address: { ...partition, id: InquiryId.parse(id) },
          ...toRows(items),
        }),
      );
      return { entries, more: cut || whole.length < groups.length };
    },
  };
};
