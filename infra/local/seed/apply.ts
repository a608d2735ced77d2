import { isDeepStrictEqual } from 'node:util';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';

/** How many entries were written, and how many stood there already. */
export type Applied = { readonly written: number; readonly left: number };

/** Others may write at the same time; whoever loses the race reads again this often. */
const attempts = 5;

const standing = async (
  store: RegistryStore,
  entry: RegistryEntry,
): Promise<RegistryEntry | undefined> => {
  switch (entry.kind) {
    case 'participant':
      return store.findParticipant(entry.id);
    case 'key':
      return store.findKey(entry.kid);
    case 'service':
      return store.findService(entry.ref);
    case 'access':
    case 'delegation':
      return undefined;
  }
};

/** What a command changed stays as the command left it, and a revoked key is never brought back. */
const mustStay = (entry: RegistryEntry | undefined): boolean =>
  entry?.n !== undefined || (entry?.kind === 'key' && entry.status === 'revoked');

const applyOne = async (
  store: RegistryStore,
  entry: RegistryEntry,
): Promise<'written' | 'left'> => {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const before = await standing(store, entry);
    const version = before?.version ?? 0;
    if (mustStay(before)) return 'left';
    if (before !== undefined && isDeepStrictEqual(before, { ...entry, version })) return 'left';
    if ((await store.put({ ...entry, version: version + 1 })) === 'written') return 'written';
  }
  throw new Error(`Somebody else keeps changing a ${entry.kind} of the registry; seed it again.`);
};

/** Makes the registry say what the entries say: the same ones are left, others go up a version. */
export const applySeed = async (
  store: RegistryStore,
  entries: readonly RegistryEntry[],
): Promise<Applied> => {
  let written = 0;
  for (const entry of entries) {
    // One after another: a small store is spared a burst at every start.
    if ((await applyOne(store, entry)) === 'written') written += 1;
  }
  return { written, left: entries.length - written };
};
