import { equalBytes } from '../kernel/bytes.ts';
import { type Faults, faultPlan } from '../kernel/fault-plan.ts';
import { keySegments } from './object-key.ts';
import type { ObjectRemover } from './object-remover.ts';
import { checkObjectSize } from './object-size.ts';
import type { ObjectStore } from './ports.ts';

type Method = keyof ObjectStore | keyof ObjectRemover;

/** Objects in memory, how to break their store, and how to tamper with them. */
export type MemoryObjectStore = {
  readonly store: ObjectStore;
  readonly remover: ObjectRemover;
  readonly faults: Faults<Method>;
  /** A copy of what stands under a key; no call, and no fault stops it. */
  readonly peek: (key: string) => Uint8Array | undefined;
  /** A copy of all that stands, by key; no call, and no fault stops it. */
  readonly dump: () => ReadonlyMap<string, Uint8Array>;
  /** Puts any bytes in a key's place, or takes them away; no call, and no fault stops it. */
  readonly overwrite: (key: string, bytes: Uint8Array | undefined) => void;
};

const placeOf = (key: string): string => keySegments(key).join('/');

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === undefined || b === undefined ? a === b : equalBytes(a, b);

const copyOf = (bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : Uint8Array.from(bytes);

export const memoryObjectStore = (): MemoryObjectStore => {
  const objects = new Map<string, Uint8Array>();
  const { faults, run } = faultPlan<Method>();
  const put = (key: string, bytes: Uint8Array): 'written' | Uint8Array => {
    checkObjectSize(bytes);
    const place = placeOf(key);
    const standing = objects.get(place);
    if (standing === undefined) {
      objects.set(place, Uint8Array.from(bytes));
      return 'written';
    }
    return equalBytes(standing, bytes) ? 'written' : Uint8Array.from(standing);
  };
  const replace = (
    key: string,
    expected: Uint8Array | undefined,
    bytes: Uint8Array,
  ): 'written' | { readonly standing: Uint8Array | undefined } => {
    checkObjectSize(bytes);
    const place = placeOf(key);
    const standing = objects.get(place);
    if (sameBytes(standing, bytes)) return 'written';
    if (!sameBytes(standing, expected)) return { standing: copyOf(standing) };
    objects.set(place, Uint8Array.from(bytes));
    return 'written';
  };
  const store: ObjectStore = {
    putIfAbsent: (key, bytes) => run('putIfAbsent', () => put(key, bytes)),
    get: (key, range) =>
      run('get', () => {
        const bytes = copyOf(objects.get(placeOf(key)));
        return range === undefined
          ? bytes
          : bytes?.slice(range.offset, range.offset + range.length);
      }),
    replace: (key, expected, bytes) => run('replace', () => replace(key, expected, bytes)),
  };
  const removeBelow = (folder: string): void => {
    const start = `${placeOf(folder)}/`;
    const below = [...objects.keys()].filter((key) => key.startsWith(start));
    for (const key of below) objects.delete(key);
  };
  return {
    store,
    remover: { removeBelow: (folder) => run('removeBelow', () => removeBelow(folder)) },
    faults,
    peek: (key) => copyOf(objects.get(placeOf(key))),
    dump: () => new Map([...objects].map(([key, bytes]) => [key, Uint8Array.from(bytes)])),
    overwrite: (key, bytes) => {
      if (bytes === undefined) objects.delete(placeOf(key));
      else objects.set(placeOf(key), Uint8Array.from(bytes));
    },
  };
};
