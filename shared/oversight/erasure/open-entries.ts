import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { type OpenedEntry, type Opening, openBundle } from '../entries/open-bundle.ts';
import { readVault } from '../feeding/vault-objects.ts';

const keyOf = ({ shard, index }: Pick<EntryFacts, 'index' | 'shard'>): string =>
  `${shard} ${index}`;

/**
 * Opens entries of any logs, in their order. Rejects with `VaultInvalid` where one is in an object that
 * cannot be read: whom it names is not known now, and would not be found again when it is erased.
 */
export const openEntries =
  (opening: Opening) =>
  async <Entry extends EntryFacts>(
    entries: readonly Entry[],
  ): Promise<readonly (OpenedEntry & { readonly entry: Entry })[]> => {
    const open = openBundle(opening);
    const found = new Map<string, OpenedEntry>();
    const bundles = Map.groupBy(
      entries,
      ({ shard, index }) => `${shard} ${Math.floor(index / tileWidth)}`,
    );
    for (const own of bundles.values()) {
      const { shard = 0, index = 0 } = own[0] ?? {};
      const bundle = Math.floor(index / tileWidth);
      const opened = await open({ shard, bundle }, own);
      if (opened.some(({ vault }) => vault === 'closed')) {
        await readVault(opening.derived, shard, bundle);
      }
      for (const one of opened) found.set(keyOf(one.facts), one);
    }
    return entries.flatMap((entry) => {
      const one = found.get(keyOf(entry));
      return one === undefined ? [] : [{ ...one, entry }];
    });
  };
