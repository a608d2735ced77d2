import type { Participant } from '#shared/registry/participant.ts';
import { RegistryEntry, type RegistryStore } from '#shared/registry/ports.ts';
import type { RegisteredKey } from '#shared/registry/registered-key.ts';
import type { Service } from '#shared/registry/service.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure, storeUnavailable } from './client.ts';
import { GetAnswer, type Item, number, QueryAnswer, readNumber, readText, text } from './item.ts';

type Key = { readonly pk: string; readonly sk: string };

/** K#: keys by thumbprint, P#: participants, S: services by reference, V: the version counter. */
const keyOf = (entry: RegistryEntry): Key => {
  switch (entry.kind) {
    case 'key':
      return { pk: `K#${entry.kid}`, sk: 'key' };
    case 'participant':
      return { pk: `P#${entry.id}`, sk: 'participant' };
    case 'service':
      return { pk: 'S', sk: entry.ref };
  }
};

const versionKey = { pk: 'V', sk: 'registry' } as const;

const toItemKey = ({ pk, sk }: Key): Item => ({ pk: text(pk), sk: text(sk) });

const parse = (item: Item): RegistryEntry => RegistryEntry.parse(JSON.parse(readText(item, 'j')));

/** The registry in a DynamoDB-compatible table. `j`: the entry as JSON, `n`: its version. */
export const dynamoRegistryStore = (call: AwsJsonCall, table: string): RegistryStore => {
  const attempt = async (operation: string, input: object): Promise<unknown> => {
    try {
      return await call(operation, { TableName: table, ...input });
    } catch (error) {
      throw conditionFailure(error) === undefined ? storeUnavailable(error) : error;
    }
  };

  const get = async (key: Key): Promise<Item | undefined> =>
    GetAnswer.parse(await attempt('GetItem', { Key: toItemKey(key), ConsistentRead: true })).Item;

  const find = async (key: Key): Promise<RegistryEntry | undefined> => {
    const item = await get(key);
    return item === undefined ? undefined : parse(item);
  };

  const listServices = async (from?: Item): Promise<readonly Service[]> => {
    const answer = await attempt('Query', {
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': text('S') },
      ConsistentRead: true,
      ExclusiveStartKey: from,
    });
    const { Items, LastEvaluatedKey } = QueryAnswer.parse(answer);
    const page = Items.map(parse).filter((entry) => entry.kind === 'service');
    return LastEvaluatedKey === undefined
      ? page
      : [...page, ...(await listServices(LastEvaluatedKey))];
  };

  const putOnce = async (entry: RegistryEntry): Promise<'written' | 'stands' | 'stale'> => {
    const first = entry.version === 1;
    try {
      await attempt('PutItem', {
        Item: {
          ...toItemKey(keyOf(entry)),
          j: text(JSON.stringify(entry)),
          n: number(entry.version),
        },
        ConditionExpression: first ? 'attribute_not_exists(pk)' : 'n = :before',
        ...(!first && { ExpressionAttributeValues: { ':before': number(entry.version - 1) } }),
      });
      return 'written';
    } catch (error) {
      if (conditionFailure(error) === undefined) throw error;
      // An earlier try may have been kept without being acknowledged.
      const standing = await get(keyOf(entry));
      const same = standing !== undefined && readText(standing, 'j') === JSON.stringify(entry);
      return same ? 'stands' : 'stale';
    }
  };

  return {
    findKey: async (kid): Promise<RegisteredKey | undefined> => {
      const entry = await find({ pk: `K#${kid}`, sk: 'key' });
      return entry?.kind === 'key' ? entry : undefined;
    },
    findParticipant: async (id): Promise<Participant | undefined> => {
      const entry = await find({ pk: `P#${id}`, sk: 'participant' });
      return entry?.kind === 'participant' ? entry : undefined;
    },
    findService: async (ref): Promise<Service | undefined> => {
      const entry = await find({ pk: 'S', sk: ref });
      return entry?.kind === 'service' ? entry : undefined;
    },
    listServices: () => listServices(),
    version: async () => {
      const item = await get(versionKey);
      return item === undefined ? 0 : readNumber(item, 'n');
    },
    put: async (entry) => {
      const result = await putOnce(entry);
      if (result === 'stale') return 'stale';
      await attempt('UpdateItem', {
        Key: toItemKey(versionKey),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': number(1) },
      });
      return 'written';
    },
  };
};
