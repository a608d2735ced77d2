import * as z from 'zod';
import type { RegistryChanged } from '#events/registry-changed.ts';
import { putLeaf, type Recording } from '../audit/put-leaf.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { nameOf, type RegistryEntry } from './entry.ts';
import type { RegistryStore } from './ports.ts';

/** A registry, and the journal that its changes are recorded in. */
export type RecordedParts = Recording & { readonly store: RegistryStore };

const Json = z.record(z.string(), z.json());

/** An entry as RFC 8785 JSON text: equal entries have equal texts. */
export const entryText = (entry: RegistryEntry): string =>
  canonicalJson(Json.parse(JSON.parse(JSON.stringify(entry))));

/** What stands in the place of an entry. */
const findStanding = async (
  store: RegistryStore,
  entry: RegistryEntry,
): Promise<RegistryEntry | undefined> => (await store.readAll([nameOf(entry)])).at(0);

const record = (recording: Recording, entry: RegistryEntry): Promise<void> =>
  putLeaf(recording, (id, t) => {
    const { kind, version: n } = entry;
    const { key } = nameOf(entry);
    return {
      v: 1,
      k: 'registry',
      id,
      t,
      kind,
      key,
      n,
      entry: entryText(entry),
    } satisfies RegistryChanged;
  });

/**
 * A registry whose every change is durable in the journal, as a leaf of its own, before it takes
 * effect. The very entry that stands is on record already and is not recorded again. Of several who
 * change one entry at once all are recorded and one wins; whoever lost is followed by the next version.
 * Throws a RangeError for an entry that outgrows a leaf.
 */
export const recordedRegistry = ({ store, ...recording }: RecordedParts): RegistryStore => ({
  ...store,
  put: async (entry) => {
    const standing = await findStanding(store, entry);
    if (standing === undefined || entryText(standing) !== entryText(entry)) {
      if (entry.version !== (standing?.version ?? 0) + 1) return 'stale';
      await record(recording, entry);
    }
    return store.put(entry);
  },
});

/**
 * Records what stands in the place of these entries, whether it is on record or not: for a log that
 * begins when its registry is old. Resolves to how many were recorded.
 */
export const recordStanding = async (
  { store, ...recording }: RecordedParts,
  entries: readonly RegistryEntry[],
): Promise<number> => {
  let recorded = 0;
  for (const entry of entries) {
    const standing = await findStanding(store, entry);
    if (standing === undefined) continue;
    await record(recording, standing);
    recorded += 1;
  }
  return recorded;
};
