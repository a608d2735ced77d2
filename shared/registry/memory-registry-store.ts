import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import type { Participant } from './participant.ts';
import type { RegistryEntry, RegistryStore } from './ports.ts';
import type { RegisteredKey } from './registered-key.ts';
import type { Service } from './service.ts';

/** The registry in memory, and how to break it. */
export type MemoryRegistryStore = {
  readonly store: RegistryStore;
  readonly faults: Faults<keyof RegistryStore>;
};

/** A registry that holds these entries, each as its first version says, and counts them as changes. */
export const memoryRegistryStore = (
  initial: readonly RegistryEntry[] = [],
): MemoryRegistryStore => {
  const keys = new Map<string, RegisteredKey>();
  const participants = new Map<string, Participant>();
  const services = new Map<string, Service>();
  let changes = 0;
  const { faults, run } = faultPlan<keyof RegistryStore>();

  const replace = <Entry extends RegistryEntry>(
    kept: Map<string, Entry>,
    key: string,
    entry: Entry,
  ): 'written' | 'stale' => {
    const standing = kept.get(key);
    const again = JSON.stringify(standing) === JSON.stringify(entry);
    if (!again && entry.version !== (standing?.version ?? 0) + 1) return 'stale';
    kept.set(key, entry);
    changes += 1;
    return 'written';
  };
  const put = (entry: RegistryEntry): 'written' | 'stale' => {
    switch (entry.kind) {
      case 'key':
        return replace(keys, entry.kid, entry);
      case 'participant':
        return replace(participants, entry.id, entry);
      case 'service':
        return replace(services, entry.ref, entry);
    }
  };
  initial.forEach(put);

  const store: RegistryStore = {
    findKey: (kid) => run('findKey', () => keys.get(kid)),
    findParticipant: (id) => run('findParticipant', () => participants.get(id)),
    findService: (ref) => run('findService', () => services.get(ref)),
    listServices: () =>
      run('listServices', () =>
        [...services.values()].toSorted((a, b) => (a.ref < b.ref ? -1 : 1)),
      ),
    version: () => run('version', () => changes),
    put: (entry) => run('put', () => put(entry)),
  };
  return { store, faults };
};
