import type { Prepared, Sender, State } from './commands/command.ts';
import { type EntryName, keyName, nameText, participantName, type RegistryEntry } from './entry.ts';
import { mostNames, type RegistryStore } from './ports.ts';

type Found = ReadonlyMap<string, RegistryEntry | undefined>;

/** What stands under these names, each read once. */
const readNames = async (
  { readAll }: Pick<RegistryStore, 'readAll'>,
  wanted: readonly EntryName[],
): Promise<Found> => {
  const names = [...new Map(wanted.map((name) => [nameText(name), name])).values()];
  if (names.length > mostNames) throw new Error('A command reads more than one read can.');
  const entries = await readAll(names);
  return new Map(names.map((name, place) => [nameText(name), entries[place]]));
};

/** Those of the names that were not read yet. */
const missingIn = (found: Found, names: readonly EntryName[]): readonly EntryName[] =>
  names.filter((name) => !found.has(nameText(name)));

/**
 * What a command looks at, its sender and its key with it, as change `version` left it; undefined when
 * a part of it was changed since: then the state is of no version, and is to be read again.
 */
export const readState = async (
  store: Pick<RegistryStore, 'readAll'>,
  prepared: Prepared,
  by: Sender,
  version: number,
): Promise<State | undefined> => {
  const wanted = [...prepared.names(by), participantName(by.id), keyName(by.kid)];
  const first = await readNames(store, wanted);
  const more = missingIn(first, prepared.follows(first.get(nameText(prepared.main(by)))));
  const found = more.length === 0 ? first : new Map([...first, ...(await readNames(store, more))]);
  if (found.values().some((entry) => (entry?.n ?? 0) > version)) return undefined;
  return (name) => found.get(nameText(name));
};
