import { trim } from '../kernel/timed-cache.ts';
import { nameOf, type RegistryEntry } from './entry.ts';

/**
 * Keeps one copy of each of the last `max` entries that were read, so that whoever holds an entry holds
 * the same one, and what was made of it (a compiled schema) is made once.
 */
export const interned = <Entry extends RegistryEntry>(
  max: number,
): {
  readonly knows: (key: string) => boolean;
  readonly share: (entry: Entry) => Entry;
} => {
  const kept = new Map<string, Entry>();
  return {
    knows: (key) => kept.has(key),
    share: (entry) => {
      const { key } = nameOf(entry);
      const standing = kept.get(key);
      if (standing?.version === entry.version && standing.n === entry.n) return standing;
      kept.set(key, entry);
      trim(kept, max);
      return entry;
    },
  };
};
