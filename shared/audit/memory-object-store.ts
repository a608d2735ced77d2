import { equalBytes } from '../kernel/bytes.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { keySegments } from './object-key.ts';
import type { ObjectStore } from './ports.ts';

/** Objects in memory, and how to break their store. */
export type MemoryObjectStore = {
  readonly store: ObjectStore;
  readonly faults: Faults<keyof ObjectStore>;
};

export const memoryObjectStore = (): MemoryObjectStore => {
  const objects = new Map<string, Uint8Array>();
  const { faults, run } = faultPlan<keyof ObjectStore>();
  const put = (key: string, bytes: Uint8Array): 'written' | Uint8Array => {
    const place = keySegments(key).join('/');
    const standing = objects.get(place) ?? Uint8Array.from(bytes);
    objects.set(place, standing);
    return equalBytes(standing, bytes) ? 'written' : Uint8Array.from(standing);
  };
  const store: ObjectStore = {
    putIfAbsent: (key, bytes) => run('putIfAbsent', () => put(key, bytes)),
    get: (key) => run('get', () => objects.get(keySegments(key).join('/'))),
  };
  return { store, faults };
};
