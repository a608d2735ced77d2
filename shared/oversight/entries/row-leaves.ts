import type { ObjectStore } from '../../audit/ports.ts';
import { sizesOnce } from '../../audit/published-leaves.ts';
import { LogFileMissing, logFiles, readEntryAt } from '../../audit/sequence/log-files.ts';
import { maxEntry } from '../../audit/tlog/bundle.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import { indexUnavailable } from './index-edge.ts';

/** Leaves that are read at once: some kilobytes each. */
const atOnce = 32;

/** That the index of persons does not fit the log: nothing is shown for somebody else's inquiry. */
export const otherLeaf = (cause?: unknown): ReturnType<typeof indexUnavailable> =>
  indexUnavailable('The index of persons names another leaf than the log has.', cause);

/**
 * The bytes of the published log where rows say that their leaves are, in the order of the rows: whoever
 * reads them sees whose they are. Rejects with `store-unavailable`, and with `index-unavailable` where
 * the log has nothing there.
 */
export const readRowLeaves =
  (objects: Pick<ObjectStore, 'get'>) =>
  async (rows: readonly SubjectRow[]): Promise<readonly Uint8Array[]> => {
    const sizeOf = sizesOnce(objects);
    const readOne = async ({ shard, index: leaf, place }: SubjectRow): Promise<Uint8Array> => {
      const index = Math.floor(leaf / tileWidth);
      const width = Math.min(tileWidth, (await sizeOf(shard)) - index * tileWidth);
      if (width < 1 || place.length > maxEntry) throw otherLeaf();
      try {
        return await readEntryAt(logFiles(objects, shard), { index, width }, place);
      } catch (cause) {
        throw cause instanceof LogFileMissing ? otherLeaf(cause) : cause;
      }
    };
    return inChunks(atOnce, rows, readOne);
  };
