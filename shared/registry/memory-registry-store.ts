import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { InquiryId } from '../kernel/id.ts';
import { type Change, sameChange } from './change.ts';
import {
  type EntryKind,
  type EntryName,
  keyName,
  nameOf,
  nameText,
  participantName,
  type RegistryEntry,
  serviceName,
} from './entry.ts';
import { type EntryPage, mostNames, type RegistryStore } from './ports.ts';

/** The registry in memory, and how to break it. */
export type MemoryRegistryStore = {
  readonly store: RegistryStore;
  readonly faults: Faults<keyof RegistryStore>;
};

/** A version of an entry, and from when on it stood. */
type Past = { readonly t: number; readonly entry: RegistryEntry };

const byKey = (a: RegistryEntry, b: RegistryEntry): number =>
  nameOf(a).key < nameOf(b).key ? -1 : 1;

const byTime = (a: Past, b: Past): number => a.t - b.t || a.entry.version - b.entry.version;

/**
 * A registry that holds these entries from the beginning, and counts each as a change; of a time, they
 * have stood since 0, as what an early release wrote without a command.
 */
export const memoryRegistryStore = (
  initial: readonly RegistryEntry[] = [],
): MemoryRegistryStore => {
  const entries = new Map<string, RegistryEntry>();
  const pasts = new Map<string, readonly Past[]>();
  const changes = new Map<number, Change>();
  const commands = new Map<InquiryId, number>();
  let head = 0;
  const { faults, run } = faultPlan<keyof RegistryStore>();

  const find = (name: EntryName): RegistryEntry | undefined => entries.get(nameText(name));

  const remember = (entry: RegistryEntry, t: number): void => {
    const name = nameText(nameOf(entry));
    const others = (pasts.get(name) ?? []).filter(
      (past) => past.t !== t || past.entry.version !== entry.version,
    );
    pasts.set(name, [...others, { t, entry }].toSorted(byTime));
  };

  for (const entry of initial) {
    entries.set(nameText(nameOf(entry)), entry);
    remember(entry, 0);
    head += 1;
  }

  const propose = (change: Change): 'written' | 'taken' => {
    const standing = changes.get(change.n) ?? change;
    changes.set(change.n, standing);
    return sameChange(standing, change) ? 'written' : 'taken';
  };

  const apply = ({ n, t, id, entries: changed }: Change): void => {
    if (head < n - 1) throw new RangeError('A change is applied after the one before it.');
    for (const entry of changed) {
      remember(entry, t);
      const name = nameText(nameOf(entry));
      // A later change may have gone over it already.
      if ((entries.get(name)?.version ?? 0) < entry.version) entries.set(name, entry);
    }
    if (!commands.has(id)) commands.set(id, n);
    head = Math.max(head, n);
  };

  const ofKind = <Kind extends EntryKind>(kind: Kind) =>
    [...entries.values()]
      .filter((entry): entry is Extract<RegistryEntry, { kind: Kind }> => entry.kind === kind)
      .toSorted(byKey);

  const list = (
    kind: EntryKind,
    { after, limit }: { readonly after: string; readonly limit: number },
  ): EntryPage => {
    const later = ofKind(kind).filter((entry) => nameOf(entry).key > after);
    return { entries: later.slice(0, limit), more: later.length > limit };
  };

  const store: RegistryStore = {
    findKey: (kid) =>
      run('findKey', () => {
        const entry = find(keyName(kid));
        return entry?.kind === 'key' ? entry : undefined;
      }),
    findParticipant: (id) =>
      run('findParticipant', () => {
        const entry = find(participantName(id));
        return entry?.kind === 'participant' ? entry : undefined;
      }),
    findService: (ref) =>
      run('findService', () => {
        const entry = find(serviceName(ref));
        return entry?.kind === 'service' ? entry : undefined;
      }),
    listServices: () => run('listServices', () => ofKind('service')),
    readAll: (names) =>
      run('readAll', () => {
        if (names.length > mostNames)
          throw new RangeError(`At most ${mostNames} are read at once.`);
        return names.map(find);
      }),
    list: (kind, page) => run('list', () => list(kind, page)),
    asOf: (name, time) =>
      run('asOf', () => pasts.get(nameText(name))?.findLast(({ t }) => t <= time)?.entry),
    version: () => run('version', () => head),
    change: (n) => run('change', () => changes.get(n)),
    changeOf: (command) => run('changeOf', () => commands.get(command)),
    propose: (change) => run('propose', () => propose(change)),
    apply: (change) => run('apply', () => apply(change)),
  };
  return { store, faults };
};
