import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { Item } from './item.ts';

/** How often what a store left out is asked for again, and after how many milliseconds first. */
const rounds = 4;
const firstWait = 20;

const BatchGetAnswer = z.object({
  Responses: z.record(z.string(), z.array(Item)),
  UnprocessedKeys: z.record(z.string(), z.object({ Keys: z.array(Item) })).optional(),
});

/**
 * The items that stand under these keys, in any order; no key twice, and 100 at most. A store may
 * leave some out when it is busy or the answer grows too long: those are asked for again, four times.
 */
export const batchGet =
  (call: AwsJsonCall, table: string) =>
  async (keys: readonly Item[]): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let missing = keys;
    try {
      for (let round = 0; missing.length > 0; round += 1) {
        if (round > rounds) throw new Error('The store leaves items out again and again.');
        if (round > 0) await wait(firstWait * 2 ** (round - 1));
        const RequestItems = { [table]: { Keys: missing, ConsistentRead: true } };
        const answer = BatchGetAnswer.parse(await call('BatchGetItem', { RequestItems }));
        found.push(...(answer.Responses[table] ?? []));
        missing = answer.UnprocessedKeys?.[table]?.Keys ?? [];
      }
      return found;
    } catch (error) {
      throw storeUnavailable(error);
    }
  };
