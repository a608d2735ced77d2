import { inChunks } from '#shared/kernel/in-chunks.ts';
import {
  type EntryName,
  keyName,
  participantName,
  RegistryEntry,
  serviceName,
} from '#shared/registry/entry.ts';
import { mostNames, type RegistryStore } from '#shared/registry/ports.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { batchGet } from './batch-get.ts';
import { type Item, readText, text } from './item.ts';
import { getItem } from './put-if.ts';
import { queryAll } from './query-all.ts';
import { dynamoRegistryChanges } from './registry-changes.ts';
import { entryKey, historyOf, keyText, lastAt, listOf, readJson } from './registry-rows.ts';

const toEntry = readJson(RegistryEntry);

const tooMany = (): never => {
  throw new RangeError(`At most ${mostNames} are read at once.`);
};

/** Names in parts that one batched read takes. */
const parts = (names: readonly EntryName[]): ReadonlyArray<readonly EntryName[]> =>
  Array.from({ length: Math.ceil(names.length / mostNames) }, (_, n) =>
    names.slice(n * mostNames, (n + 1) * mostNames),
  );

/** The registry in a DynamoDB-compatible table. */
export const dynamoRegistryStore = (call: AwsJsonCall, table: string): RegistryStore => {
  const get = getItem(call, table);
  const getAll = batchGet(call, table);

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
      const found = await inChunks(1, parts(names), readAll);
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
  };
};
