import { Problem } from '../kernel/problem.ts';
import { readAhead } from './export/read-ahead.ts';
import type { ByteRange, ObjectStore } from './ports.ts';
import { checkpointKey } from './publish/publish-checkpoint.ts';
import { type LogFiles, readBundle } from './sequence/log-files.ts';
import { entryHead } from './tlog/bundle.ts';
import { parseCheckpoint } from './tlog/checkpoint.ts';
import { toSafe } from './tlog/decimal.ts';
import { parseNote } from './tlog/note.ts';
import { tileWidth } from './tlog/tree.ts';

/** The published log cannot be read; nothing is skipped, so its index does not go on. */
export class FeedStopped extends Error {
  override readonly name = 'FeedStopped';
}

const unreadable = (shard: number, what: string, cause?: unknown): FeedStopped =>
  new FeedStopped(`${what} of log ${shard} cannot be read: its index is not fed.`, { cause });

/** Leaves of the published log of a shard; rejects with {@link FeedStopped} and `store-unavailable`. */
export const publishedSize = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
): Promise<number> => {
  const bytes = await objects.get(checkpointKey(shard));
  if (bytes === undefined) return 0;
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  const size = checkpoint === undefined ? undefined : toSafe(checkpoint.size);
  if (size === undefined) throw unreadable(shard, 'The checkpoint');
  return size;
};

/** Published sizes that are each read once: for what is done with one state of the logs. */
export const sizesOnce = (
  objects: Pick<ObjectStore, 'get'>,
): ((shard: number) => Promise<number>) => {
  const sizes = new Map<number, Promise<number>>();
  return (shard) => {
    const size = sizes.get(shard) ?? publishedSize(objects, shard);
    sizes.set(shard, size);
    return size;
  };
};

/**
 * What is read in the leaves, each with its place in the bytes of its bundle, from `from` up to and without `to`, of the first `size` of a log, bundle
 * after bundle. Rejects with {@link FeedStopped} at a bundle that cannot be read or a leaf that `read`
 * throws at, and with `store-unavailable`.
 */
export const readLeaves = async <Read>(
  files: LogFiles,
  { shard, size }: { readonly shard: number; readonly size: number },
  { from, to }: { readonly from: number; readonly to: number },
  read: (leaf: Uint8Array, index: number, place: ByteRange) => Read,
): Promise<readonly Read[]> => {
  const stopped = (bundle: number, cause: unknown): unknown =>
    cause instanceof Problem ? cause : unreadable(shard, `Bundle ${bundle}`, cause);
  const load = async (bundle: number): Promise<readonly Uint8Array[]> => {
    try {
      return await readBundle(files, bundle, Math.min(tileWidth, size - bundle * tileWidth));
    } catch (cause) {
      throw stopped(bundle, cause);
    }
  };
  const first = Math.floor(from / tileWidth);
  const count = Math.max(0, Math.ceil(to / tileWidth) - first);
  const bundles = Array.from({ length: count }, (_, n) => first + n);
  const found: Read[] = [];
  for await (const [bundle, leaves] of readAhead(bundles, load)) {
    const start = bundle * tileWidth;
    let offset = 0;
    try {
      leaves.forEach((leaf, n) => {
        const index = start + n;
        offset += entryHead;
        const place = { offset, length: leaf.length };
        offset += leaf.length;
        if (index >= from && index < to) found.push(read(leaf, index, place));
      });
    } catch (cause) {
      throw stopped(bundle, cause);
    }
  }
  return found;
};
