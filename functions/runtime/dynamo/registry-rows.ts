import type * as z from 'zod';
import type { InquiryId } from '#shared/kernel/id.ts';
import type { Change } from '#shared/registry/change.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { type EntryKind, type EntryName, nameOf } from '#shared/registry/entry.ts';
import { storeUnavailable } from './client.ts';
import { type Item, number, readText, text } from './item.ts';

const key = (pk: string, sk: string) => ({ pk: text(pk), sk: text(sk) });

/** Where it stands, `n`, which change was the last to take effect whole. */
export const versionKey = key('V', 'registry');

export const changeKey = (n: number): Item => key(`N#${n}`, 'change');

/** Where it stands, `n`, which change a command made. */
export const commandKey = (command: InquiryId): Item => key(`C#${command}`, 'command');

/** The partition that lists the entries of a kind: services themselves, of the others the names. */
export const listOf = (kind: EntryKind): string => (kind === 'service' ? 'S' : `I#${kind}`);

/** The partition of all versions of an entry. */
export const historyOf = (name: EntryName): string => `H#${name.kind}#${name.key}`;

/** A time in milliseconds as text, in the order of the numbers. */
const timeText = (t: number): string =>
  String(Math.min(Math.floor(t), Number.MAX_SAFE_INTEGER)).padStart(16, '0');

/** Behind every version of the time, and before those of any later one. */
export const lastAt = (time: number): string => `${timeText(time)}#~`;

/** K#: keys, P#: participants, A#: access by its agency, D#: delegations by their counter, S: services. */
export const entryKey = ({ kind, key: name }: EntryName): Item => {
  const [first = '', second = ''] = name.split(' ');
  switch (kind) {
    case 'key':
      return key(`K#${name}`, 'key');
    case 'participant':
      return key(`P#${name}`, 'participant');
    case 'service':
      return key('S', name);
    case 'access':
      return key(`A#${first}`, second);
    case 'delegation':
      return key(`D#${first}`, second);
  }
};

/** j: the entry as JSON, n: its version. */
export const entryItem = (entry: RegistryEntry): Item => ({
  ...entryKey(nameOf(entry)),
  j: text(JSON.stringify(entry)),
  n: number(entry.version),
});

/** A version of an entry that stood from `t` on, in the order of time and then of the versions. */
export const historyItem = (entry: RegistryEntry, t: number): Item => ({
  ...key(historyOf(nameOf(entry)), `${timeText(t)}#${String(entry.version).padStart(12, '0')}`),
  j: text(JSON.stringify(entry)),
});

/** What lists an entry; none for services, which lie in one partition. */
export const listItems = (entry: RegistryEntry): readonly Item[] =>
  entry.kind === 'service' ? [] : [key(listOf(entry.kind), nameOf(entry).key)];

export const changeItem = (change: Change): Item => ({
  ...changeKey(change.n),
  j: text(JSON.stringify(change)),
});

/** Reads `j` of an item; what cannot be read is told as `store-unavailable`. */
export const readJson =
  <Row>(schema: z.ZodType<Row>) =>
  (item: Item): Row => {
    try {
      return schema.parse(JSON.parse(readText(item, 'j')));
    } catch (error) {
      throw storeUnavailable(error);
    }
  };

/** One text for each key, to look items up by. */
export const keyText = ({ pk, sk }: Item): string => JSON.stringify([pk?.S, sk?.S]);
