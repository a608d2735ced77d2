import type { ObjectStore } from '../../audit/ports.ts';
import { sizesOnce } from '../../audit/published-leaves.ts';
import { logFiles, readBundle } from '../../audit/sequence/log-files.ts';
import { leafStamp } from '../../audit/sequence/search.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { inChunks } from '../../kernel/in-chunks.ts';
import type { AuditEntry } from './audit-entry.ts';
import { indexUnavailable } from './index-edge.ts';

/** Bundles that one page may be read from: half a megabyte each where inquiries are usual. */
export const bundlesPerPage = 24;

/** Bundles read at once. */
const readAhead = 8;

const bundleOf = ({ leaf }: AuditEntry): string =>
  leaf === undefined ? '' : `${leaf.shard} ${Math.floor(leaf.index / tileWidth)}`;

/** How many of a page's first entries stand in as many bundles as may be read. */
export const withinBundles = (entries: readonly AuditEntry[]): number => {
  const seen = new Set<string>();
  const past = entries.findIndex((entry) => seen.add(bundleOf(entry)).size > bundlesPerPage);
  return past < 0 ? entries.length : past;
};

type Leaves = readonly Uint8Array[];

/** The two lines of an inquiry's leaf; `index-unavailable` where the leaf is another's. */
const linesOf = (entry: AuditEntry, data: Uint8Array | undefined): Pick<AuditEntry, 'i' | 'o'> => {
  if (data === undefined || leafStamp(data).id !== entry.id) {
    throw indexUnavailable('The index names another leaf than the log has.');
  }
  const [i, o] = Buffer.from(data).toString('utf8').split('\n');
  return { ...(i !== undefined && { i }), ...(o !== undefined && { o }) };
};

/**
 * The entries of a page with the texts of their leaves, from the published log. Rejects with
 * `store-unavailable`, and `LogFileMissing` for what the log lacks.
 */
export const withLeafTexts =
  (objects: Pick<ObjectStore, 'get'>) =>
  async (entries: readonly AuditEntry[]): Promise<readonly AuditEntry[]> => {
    const groups = [...Map.groupBy(entries, bundleOf).values()];
    const bundles = new Map<string, Leaves>();
    const sizeOf = sizesOnce(objects);
    const read = async ([first]: readonly AuditEntry[]): Promise<void> => {
      if (first?.leaf === undefined) return;
      const { shard, index } = first.leaf;
      const bundle = Math.floor(index / tileWidth);
      const width = Math.min(tileWidth, (await sizeOf(shard)) - bundle * tileWidth);
      bundles.set(bundleOf(first), await readBundle(logFiles(objects, shard), bundle, width));
    };
    await inChunks(readAhead, groups, read);
    return entries.map((entry) =>
      entry.leaf === undefined
        ? entry
        : {
            ...entry,
            ...linesOf(entry, bundles.get(bundleOf(entry))?.[entry.leaf.index % tileWidth]),
          },
    );
  };
