import * as z from 'zod';
import { keptDays, type MeterStore, type Taken, type Wanted } from '#shared/inquiry/meter-store.ts';
import type { MeterWindow } from '#shared/inquiry/meter-window.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { batchGet } from './batch-get.ts';
import { conditionFailure, storeUnavailable } from './client.ts';
import { GetAnswer, Item, number, readNumber, readText, text } from './item.ts';

/** How often fewer are asked for, where others were faster; the last time a single one. */
const attempts = 8;

/** Seconds that a short window is kept when it is over; a day's is kept {@link keptDays} days. */
const hour = 3600;
/** Milliseconds that a window lasts at most that is short. */
const short = 60_000;

const Updated = z.object({ Attributes: Item });

/** A partition for each window: what is counted together is one item, and no two lie together. */
const keyOf = ({ key }: MeterWindow): Item => ({ pk: text(`M#${key}`), sk: text('used') });

/** When a window may go, in seconds since 1970: never before it is over. */
const expiry = ({ from, until }: MeterWindow): number => {
  const kept = until - from > short ? keptDays * 24 * hour : hour;
  return Math.ceil(until / 1000) + kept;
};

/**
 * The meters in a DynamoDB-compatible table, `u` being what was given out. One conditional update takes
 * what is wanted, and another one what is left where that is less. An update that is sent again after
 * its answer was lost takes twice, of the same most.
 */
export const dynamoMeterStore = (call: AwsJsonCall, table: string): MeterStore => {
  const getAll = batchGet(call, table);

  /** All that is wanted, or how many were given out where fewer are left. */
  const add = async (
    window: MeterWindow,
    { want, most }: Wanted,
  ): Promise<Taken | { readonly given: 0; readonly used: number | undefined }> => {
    try {
      const answer = await call('UpdateItem', {
        TableName: table,
        Key: keyOf(window),
        UpdateExpression: 'SET x = :x ADD u :want',
        ConditionExpression: 'attribute_not_exists(u) OR u <= :room',
        ExpressionAttributeValues: {
          ':want': number(want),
          ':room': number(most - want),
          ':x': number(expiry(window)),
        },
        ReturnValues: 'UPDATED_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return { given: want, used: readNumber(Updated.parse(answer).Attributes, 'u') };
    } catch (error) {
      const failure = conditionFailure(error);
      if (failure === undefined) throw storeUnavailable(error);
      const standing = GetAnswer.safeParse(failure.body).data?.Item;
      return { given: 0, used: standing && readNumber(standing, 'u') };
    }
  };

  return {
    take: async (window, { want, most }) => {
      let asked = Math.min(want, most);
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const { given, used } = await add(window, { want: asked, most });
        if (given > 0 && used !== undefined) return { given, used };
        // Not every store says what stands when a condition fails: one more is left, or none.
        const left = used === undefined ? Number(asked > 1) : most - used;
        if (left <= 0) return { given: 0, used: used ?? most };
        asked = attempt + 1 < attempts ? Math.min(asked, left) : 1;
      }
      throw storeUnavailable(new Error('Others took what was left, again and again.'));
    },
    read: async (windows) => {
      const items = await getAll(windows.map(keyOf));
      const used = new Map(items.map((item) => [readText(item, 'pk'), readNumber(item, 'u')]));
      return windows.map((window) => used.get(keyOf(window)['pk']?.S ?? '') ?? 0);
    },
  };
};
