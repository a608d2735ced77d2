import { endOfHoldWindow, type HoldKeyStore } from '#shared/inquiry/hold-key-store.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { storeUnavailable } from './client.ts';
import { binary, type Item, number, readBinary, text } from './item.ts';
import { getItem, nothingStands, putIf } from './put-if.ts';

/** A partition of its own for each key, which no listing of entries and of periods asks for. */
const keyOf = (window: number): Item => ({ pk: text(`H#${window}`), sk: text('key') });

const keyItem = (window: number, box: Uint8Array): Item => ({
  ...keyOf(window),
  d: binary(box),
  x: number(endOfHoldWindow(window) / 1000),
});

/** The keys of held answers, in the table of the journal. */
export const dynamoHoldKeyStore = (call: AwsJsonCall, table: string): HoldKeyStore => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  return {
    make: async (window, box) => {
      const answer = await put(keyItem(window, box), nothingStands);
      if (answer === 'written') return box;
      // It may have been swept away in between.
      if (answer.standing === undefined) throw storeUnavailable(new Error('Nothing stands there.'));
      return readBinary(answer.standing, 'd');
    },
    find: async (window) => {
      const item = await get(keyOf(window));
      return item === undefined ? undefined : readBinary(item, 'd');
    },
  };
};
