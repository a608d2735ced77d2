import { type Address, bucketLength, type Partition } from '#shared/audit/address.ts';
import type {
  IntentRow,
  JournalEntry,
  JournalRows,
  JournalStore,
  OutcomeRow,
  RecordRow,
  RetryRow,
} from '#shared/audit/ports.ts';
import { equalBytes } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { emptyBox } from './empty-box.ts';
import {
  binary,
  type Item,
  number,
  QueryAnswer,
  readBinary,
  readNumber,
  readText,
  text,
} from './item.ts';
import { periodMarks } from './period-marks.ts';
import { nothingStands, putIf } from './put-if.ts';

/** Seconds a row stays in the journal: the log holds it for ever (audit-log.md §4). */
const keptFor = 14 * 86_400;

const partitionKey = ({ shard, bucket, slot }: Partition): string => `J#${shard}#${bucket}#${slot}`;

/**
 * Attribute names are one letter: a row must fit a write unit of 1 KB. r: record, d: disclosures, u:
 * until when these are held beside an outcome. The longest outcome and answer there can be are far
 * from the 400 KB of an item.
 */
const intentItem = (address: Address, { record, vault }: IntentRow): Item => ({
  ...keyOf(address, 'i'),
  r: binary(record),
  d: binary(vault),
  x: number(expiry(address)),
});

const recordItem = (row: 'o' | 'r', address: Address, { record, hold }: OutcomeRow): Item => ({
  ...keyOf(address, row),
  r: binary(record),
  ...(hold !== undefined && { d: binary(hold.vault), u: number(hold.until) }),
  x: number(expiry(address)),
});

const keyOf = (address: Address, row: 'i' | 'o' | 'r'): Item => ({
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
const toRecord = (item: Item): RecordRow => ({ record: readBinary(item, 'r') });
const toOutcome = (item: Item): OutcomeRow => ({
  ...toRecord(item),
  ...(item['d'] !== undefined && {
    hold: { vault: readBinary(item, 'd'), until: readNumber(item, 'u') },
  }),
});

const toRows = (items: readonly Item[]): JournalRows => {
  const find = (row: string): Item | undefined =>
    items.find((item) => readText(item, 'sk').endsWith(`#${row}`));
  const [intent, outcome, record] = [find('i'), find('o'), find('r')];
  return {
    ...(intent !== undefined && { intent: toIntent(intent) }),
    ...(outcome !== undefined && { outcome: toOutcome(outcome) }),
    ...(record !== undefined && { record: toRecord(record) }),
  };
};

const unavailable = (reason: string): never => {
  throw storeUnavailable(new Error(reason));
};

/**
 * The journal in a DynamoDB-compatible table: PutItem, GetItem and consistent Query, and UpdateItem
 * where facts are erased.
 */
export const dynamoJournalStore = (call: AwsJsonCall, table: string): JournalStore => {
  const put = putIf(call, table);
  const empty = emptyBox(call, table);
  const marks = periodMarks(call, table, keptFor);

  /** Puts an item where none stands; hands back the one that stands instead. */
  const putNew = async (item: Item): Promise<Item | undefined> => {
    const answer = await put(item, nothingStands);
    if (answer === 'written') return undefined;
    // It may have expired in between.
    return answer.standing ?? unavailable('A condition failed on nothing.');
  };

  const putRecord = async (kind: 'o' | 'r', address: Address, row: OutcomeRow) => {
    const standing = await putNew(recordItem(kind, address, row));
    if (standing === undefined) return 'written';
    const other = toOutcome(standing);
    return equalBytes(other.record, row.record) ? 'written' : other;
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
      await marks.mark(address.bucket);
      const standing = await putNew(intentItem(address, row));
      if (standing === undefined) return 'written';
      const other = toIntent(standing);
      const same = equalBytes(other.record, row.record) && equalBytes(other.vault, row.vault);
      return same ? 'written' : other;
    },
    putOutcome: (address, row) => putRecord('o', address, row),
    putRecord: async (address, row) => {
      await marks.mark(address.bucket);
      return putRecord('r', address, row);
    },
    useRetry: async (address, row) => {
      const standing = await putNew(retryItem(address, row));
      if (standing === undefined) return 'written';
      return equalBytes(readBinary(standing, 'n'), row.nonce) ? 'written' : 'used';
    },
    eraseFacts: async (address) => {
      // The answer first: the intent's empty vault then says that all of it is gone.
      await empty(keyOf(address, 'o'), { u: number(0) });
      await empty(keyOf(address, 'i'));
    },
    read: async (address) => {
      const own = { ':id': text(`${address.id}#`) };
      const { Items } = await query(address, 'begins_with(sk, :id)', own);
      return toRows(Items);
    },
    list: async (partition, { after, limit }) => {
      const later = { ':after': text(after === '' ? ' ' : `${after}#~`) };
      // An id has at most three rows; the last group of a page may be cut and is read again.
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
    periods: marks.list,
  };
};
