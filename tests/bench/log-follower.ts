import { setTimeout as wait } from 'node:timers/promises';
import { directoryObjectStore } from '#functions/runtime/objects/directory-object-store.ts';
import { cosignedKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logFiles, readBundle } from '#shared/audit/sequence/log-files.ts';
import { parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';

/** Watches a log grow, by its cosigned checkpoints. */
export type LogFollower = {
  /** When each leaf was first held by a cosigned checkpoint (milliseconds since 1970), by its hash. */
  readonly seen: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

/** Milliseconds between two looks. */
const lookEvery = 50;

const shard = 0;

/** Follows the log whose objects are in a directory, until it is stopped. */
export const followLog = (directory: string): LogFollower => {
  const objects = directoryObjectStore(directory);
  const files = logFiles(objects, shard);
  const seen = new Map<string, number>();
  let size = 0;
  const stopped = new AbortController();

  const readUpTo = async (end: number, at: number): Promise<void> => {
    while (size < end) {
      const index = Math.floor(size / tileWidth);
      const width = Math.min(tileWidth, end - index * tileWidth);
      const entries = await readBundle(files, index, width);
      for (const entry of entries.slice(size - index * tileWidth)) {
        seen.set(toBase64Url(leafHash(entry)), at);
      }
      size = index * tileWidth + width;
    }
  };
  const look = async (): Promise<void> => {
    const bytes = await objects.get(cosignedKey(shard));
    const at = Date.now();
    const note = bytes === undefined ? undefined : parseNote(bytes);
    const tree = note === undefined ? undefined : parseCheckpoint(note.text);
    if (tree !== undefined) await readUpTo(Number(tree.size), at);
  };
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await look();
      await wait(lookEvery);
    }
  };
  const watching = watch();
  // Whoever stops it sees that it failed.
  watching.catch(() => undefined);
  return {
    seen,
    stop: () => {
      stopped.abort();
      return watching;
    },
  };
};
