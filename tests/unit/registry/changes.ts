/** Changes of a registry as commands lead to them, and what a replay of them finds. */
import { InquiryId } from '#shared/kernel/id.ts';
import type { Change } from '#shared/registry/change.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { type EntryName, nameOf, nameText } from '#shared/registry/entry.ts';
import type { RegistryStore } from '#shared/registry/ports.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

/** Change `n`: each entry as it is from then on. */
export const changeOf = (n: number, entries: readonly RegistryEntry[]): Change => ({
  n,
  t: testNow + n,
  id: InquiryId.parse(inquiryIdAt(testNow + n)),
  leaf: InquiryId.parse(inquiryIdAt(testNow + n)),
  command: 'e30.e30.AAAA',
  entries: entries.map((entry) => ({ ...entry, n })),
});

/** Lets the next change of a registry happen. */
export const change = async (
  store: RegistryStore,
  ...entries: readonly RegistryEntry[]
): Promise<void> => {
  const made = changeOf((await store.version()) + 1, entries);
  await store.propose(made);
  await store.apply(made);
};

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
