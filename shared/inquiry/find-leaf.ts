import type { Address } from '../audit/address.ts';
import type { Places, Range } from '../audit/log-index.ts';
import { type LogFiles, readBundle } from '../audit/sequence/log-files.ts';
import { leafStamp, logSearch } from '../audit/sequence/search.ts';
import { tileWidth } from '../audit/tlog/tree.ts';

/** A leaf and where it stands in the log. */
export type FoundLeaf = { readonly index: number; readonly data: Uint8Array };

/** The most places of one kind that are looked at: an index that says more is wrong. */
const maxCandidates = 16;

type LeafAt = (index: number) => Promise<Uint8Array | undefined>;

/** What was read once is not read again for the same answer. */
const remembered = ({ get }: LogFiles): LogFiles => {
  const reading = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    get: (path) => {
      const known = reading.get(path) ?? get(path);
      reading.set(path, known);
      return known;
    },
  };
};

/** The leaves of the first `size` entries, by index; undefined for a place that is not among them. */
const leafReader = (files: LogFiles, size: number): LeafAt => {
  const bundles = new Map<number, Promise<readonly Uint8Array[]>>();
  return async (index) => {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) return undefined;
    const number = Math.floor(index / tileWidth);
    const width = Math.min(tileWidth, size - number * tileWidth);
    const bundle = bundles.get(number) ?? readBundle(files, number, width);
    bundles.set(number, bundle);
    return (await bundle)[index % tileWidth];
  };
};

/** Where an id is, or would be, in a stretch of leaves that stand in the order of their ids. */
const placeIn = async (
  { start, count }: Range,
  id: string,
  size: number,
  leafAt: LeafAt,
): Promise<number> => {
  let [low, high] = [start, Math.min(start + count, size)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const data = await leafAt(middle);
    if (data !== undefined && leafStamp(data).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
};

export type LeafQuestion = {
  readonly address: Address;
  /** What the index says, which may be nothing, or wrong. */
  readonly places: Places;
  readonly files: LogFiles;
  /** How many entries are looked at. */
  readonly size: number;
  /** Whether a leaf is the one. */
  readonly isIt: (data: Uint8Array) => boolean;
};

/**
 * Finds a leaf among the first entries of a log: where the index says, if it is there; else by the
 * log itself, which finds all but those that came late.
 */
export const findLeaf = async ({
  address: { id },
  places: { ranges, late },
  files: source,
  size,
  isIt,
}: LeafQuestion): Promise<FoundLeaf | undefined> => {
  const files = remembered(source);
  const leafAt = leafReader(files, size);
  const found = async (index: number | undefined): Promise<FoundLeaf | undefined> => {
    const data = index === undefined ? undefined : await leafAt(index);
    return index === undefined || data === undefined || !isIt(data) ? undefined : { index, data };
  };
  for (const range of ranges.slice(0, maxCandidates)) {
    const leaf = await found(await placeIn(range, id, size, leafAt));
    if (leaf !== undefined) return leaf;
  }
  for (const entry of late.filter((one) => one.id === id).slice(0, maxCandidates)) {
    const leaf = await found(entry.index);
    if (leaf !== undefined) return leaf;
  }
  return found(await logSearch(files, size).find(id));
};
