/** Changes of a registry as commands lead to them, and what a replay of them finds. */
import { InquiryId } from '#shared/kernel/id.ts';
import type { Change } from '#shared/registry/change.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { type EntryName, nameOf, nameText } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { inquiryIdAt, testNow } from './messages.ts';

const newIdAt = (t: number): InquiryId => InquiryId.parse(inquiryIdAt(t));

/** Change `n`, at `t`: each entry as it is from then on, marked with the number. */
export const changeOf = (
  n: number,
  entries: readonly RegistryEntry[],
  t: number = testNow + n,
): Change => ({
  n,
  t,
  id: newIdAt(t),
  leaf: newIdAt(t),
  command: 'e30.e30.AAAA',
  entries: entries.map((entry) => ({ ...entry, n })),
});

/** Decides the next change of a registry, of a time, and lets it take effect; resolves to it. */
export const changeAt = async (
  store: Pick<RegistryStore, 'version' | 'propose' | 'apply'>,
  t: number | undefined,
  ...entries: readonly RegistryEntry[]
): Promise<Change> => {
  const made = changeOf((await store.version()) + 1, entries, t);
  if ((await store.propose(made)) !== 'written') throw new Error('Another change was decided.');
  await store.apply(made);
  return made;
};

/** The same, a millisecond behind the change before. */
export const change = (
  store: RegistryStore,
  ...entries: readonly RegistryEntry[]
): Promise<Change> => changeAt(store, undefined, ...entries);

/** What stands under a name after the first `n` changes. */
export const replayed = (
  changes: readonly Change[],
  n: number,
  name: EntryName,
): RegistryEntry | undefined =>
  changes
    .filter((one) => one.n <= n)
    .flatMap(({ entries }) => entries)
    .findLast((entry) => nameText(nameOf(entry)) === nameText(name));
