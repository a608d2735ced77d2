import {
  type EntryName,
  keyName,
  participantName,
  RegistryEntry,
  serviceName,
} from '#shared/registry/entry.ts';
import { mostNames, type RegistryStore } from '#shared/registry/ports.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { inParallel } from '../in-parallel.ts';
import { batchGet } from './batch-get.ts';
import { storeUnavailable } from './client.ts';
import { type Item, number, readText, text } from './item.ts';
import { getItem, nothingStands, putIf, putItem } from './put-if.ts';
import { queryAll } from './query-all.ts';
import { dynamoRegistryChanges } from './registry-changes.ts';
import {
  entryItem,
  entryKey,
  historyItem,
  historyOf,
  keyText,
  lastAt,
  listItems,
  listOf,
  readJson,
  versionKey,
} from './registry-rows.ts';

const toEntry = readJson(RegistryEntry);

const tooMany = (): never => {
  throw new RangeError(`At most ${mostNames} are read at once.`);
};

/** Names in parts that one batched read takes. */
const parts = (names: readonly EntryName[]): ReadonlyArray<readonly EntryName[]> =>
  Array.from({ length: Math.ceil(names.length / mostNames) }, (_, n) =>
    names.slice(n * mostNames, (n + 1) * mostNames),
  );

/**
 * The registry in a DynamoDB-compatible table. Of a time, whatever was put is older than every change:
 * it is kept as if it had stood since 0.
 */
export const dynamoRegistryStore = (call: AwsJsonCall, table: string): RegistryStore => {
  const get = getItem(call, table);
  const getAll = batchGet(call, table);
  const put = putItem(call, table);
  const putWhere = putIf(call, table);

  const find = async (name: EntryName): Promise<RegistryEntry | undefined> => {
    const item = await get(entryKey(name));
    return item === undefined ? undefined : toEntry(item);
  };

  /** The first items of a partition whose sort key is above `after`; all when there is no limit. */
  const query = (pk: string, after = '', limit?: number): Promise<readonly Item[]> =>
    queryAll(call, {
      TableName: table,
      // An empty text is no sort key, and nothing is below any other.
      KeyConditionExpression: after === '' ? 'pk = :pk' : 'pk = :pk AND sk > :after',
      ExpressionAttributeValues: {
        ':pk': text(pk),
        ...(after !== '' && { ':after': text(after) }),
      },
      ...(limit !== undefined && { Limit: limit }),
    });

  const readAll = async (
    names: readonly EntryName[],
  ): Promise<readonly (RegistryEntry | undefined)[]> => {
    if (names.length > mostNames) tooMany();
    const keys = new Map(names.map(entryKey).map((key) => [keyText(key), key]));
    const items = await getAll([...keys.values()]);
    const entries = new Map(items.map((item) => [keyText(item), toEntry(item)]));
    return names.map((name) => entries.get(keyText(entryKey(name))));
  };

  const putOnce = async (entry: RegistryEntry): Promise<'written' | 'changed' | 'stale'> => {
    const before = { ':before': number(entry.version - 1) };
    const condition =
      entry.version === 1 ? nothingStands : { expression: 'n = :before', values: before };
    const answer = await putWhere(entryItem(entry), condition);
    if (answer === 'written') return 'written';
    const { standing } = answer;
    if (standing === undefined || readText(standing, 'j') !== JSON.stringify(entry)) return 'stale';
    // An earlier try was kept without being acknowledged, unless a change made it.
    return standing['c'] === undefined ? 'written' : 'changed';
  };

  return {
    ...dynamoRegistryChanges(call, table),
    findKey: async (kid) => {
      const entry = await find(keyName(kid));
      return entry?.kind === 'key' ? entry : undefined;
    },
    findParticipant: async (id) => {
      const entry = await find(participantName(id));
      return entry?.kind === 'participant' ? entry : undefined;
    },
    findService: async (ref) => {
      const entry = await find(serviceName(ref));
      return entry?.kind === 'service' ? entry : undefined;
    },
    listServices: async () =>
      (await query(listOf('service'))).map(toEntry).filter((entry) => entry.kind === 'service'),
    readAll,
    list: async (kind, { after, limit }) => {
      const items = await query(listOf(kind), after, limit + 1);
      const page = items.slice(0, limit);
      const more = items.length > limit;
      if (kind === 'service') return { entries: page.map(toEntry), more };
      const names = page.map((item) => ({ kind, key: readText(item, 'sk') }));
      const found = await inParallel(1, parts(names), readAll);
      return { entries: found.flat().filter((entry) => entry !== undefined), more };
    },
    asOf: async (name, time) => {
      if (time < 0) return undefined;
      const [newest] = await queryAll(call, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk <= :last',
        ExpressionAttributeValues: { ':pk': text(historyOf(name)), ':last': text(lastAt(time)) },
        ScanIndexForward: false,
        Limit: 1,
      });
      return newest === undefined ? undefined : toEntry(newest);
    },
    put: async (entry) => {
      const result = await putOnce(entry);
      if (result !== 'written') return result === 'stale' ? 'stale' : 'written';
      for (const item of [historyItem(entry, 0), ...listItems(entry)]) await put(item);
      try {
        await call('UpdateItem', {
          TableName: table,
          Key: versionKey,
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': number(1) },
        });
      } catch (error) {
        throw storeUnavailable(error);
      }
      return 'written';
    },
  };
};
