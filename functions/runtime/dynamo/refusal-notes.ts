import { isKept, noteTime, RefusalNote, type RefusalNotes } from '#shared/inquiry/refusal-notes.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readText, text } from './item.ts';
import { getItem, putItem } from './put-if.ts';

const keyOf = (request: string): Item => ({ pk: text(`R#${request}`), sk: text('note') });

/** Notes of refusals in a DynamoDB-compatible table: one item a request, `n` its JSON. */
export const dynamoRefusalNotes = (call: AwsJsonCall, table: string, now: Clock): RefusalNotes => {
  const put = putItem(call, table);
  const get = getItem(call, table);
  return {
    put: (note) =>
      put({
        ...keyOf(note.request),
        n: text(JSON.stringify(note)),
        x: number(Math.ceil((note.t + noteTime) / 1000)),
      }),
    find: async (request) => {
      const item = await get(keyOf(request));
      if (item === undefined) return undefined;
      const note = RefusalNote.parse(JSON.parse(readText(item, 'n')));
      return isKept(note, now()) ? note : undefined;
    },
  };
};
