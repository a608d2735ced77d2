import { inChunks } from '#shared/kernel/in-chunks.ts';
import { Change, sameChange } from '#shared/registry/change.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { number, readNumber } from './item.ts';
import { type Condition, getItem, nothingStands, putIf, putItem } from './put-if.ts';
import {
  changeItem,
  changeKey,
  commandKey,
  entryItem,
  historyItem,
  listItems,
  readJson,
  versionKey,
} from './registry-rows.ts';

/** Items that are put at once: a change has at most eight of each sort. */
const putsAtOnce = 8;

/** A change goes over an older version. */
const givesWay = ({ version }: RegistryEntry): Condition => ({
  expression: 'attribute_not_exists(pk) OR n < :n',
  values: { ':n': number(version) },
});

const follows = (n: number): Condition =>
  n === 1 ? nothingStands : { expression: 'n = :before', values: { ':before': number(n - 1) } };

const outOfOrder = (): never => {
  throw new RangeError('A change is applied after the one before it.');
};

const toChange = readJson(Change);

/**
 * The changes of a registry, and what they lead to. Every write is one item, and each can be made
 * again.
 */
export const dynamoRegistryChanges = (
  call: AwsJsonCall,
  table: string,
): Pick<RegistryStore, 'version' | 'change' | 'changeOf' | 'propose' | 'apply'> => {
  const get = getItem(call, table);
  const put = putItem(call, table);
  const putWhere = putIf(call, table);

  const version = async (): Promise<number> => {
    const item = await get(versionKey);
    return item === undefined ? 0 : readNumber(item, 'n');
  };

  const count = async (n: number): Promise<void> => {
    const answer = await putWhere({ ...versionKey, n: number(n) }, follows(n));
    if (answer === 'written') return;
    const { standing } = answer;
    if (standing === undefined || readNumber(standing, 'n') < n) outOfOrder();
  };

  return {
    version,
    change: async (n) => {
      const item = await get(changeKey(n));
      return item === undefined ? undefined : toChange(item);
    },
    changeOf: async (command) => {
      const item = await get(commandKey(command));
      if (item === undefined) return undefined;
      const n = readNumber(item, 'n');
      return n <= (await version()) ? n : undefined;
    },
    propose: async (change) => {
      const answer = await putWhere(changeItem(change), nothingStands);
      if (answer === 'written') return 'written';
      const { standing } = answer;
      const same = standing !== undefined && sameChange(toChange(standing), change);
      return same ? 'written' : 'taken';
    },
    apply: async ({ n, t, id, entries }) => {
      if ((await version()) < n - 1) outOfOrder();
      await inChunks(
        putsAtOnce,
        entries.map((entry) => historyItem(entry, t)),
        put,
      );
      await putWhere({ ...commandKey(id), n: number(n) }, nothingStands);
      // Where a condition fails, this change or a later one stands already.
      await inChunks(putsAtOnce, entries, (entry) => putWhere(entryItem(entry), givesWay(entry)));
      await inChunks(putsAtOnce, entries.flatMap(listItems), put);
      await count(n);
    },
  };
};
