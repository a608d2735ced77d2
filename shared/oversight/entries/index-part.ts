import type { EntryFilter } from '../../audit/index/filter.ts';
import { findEntries, type Position } from '../../audit/index/query.ts';
import type { Order } from '../../audit/index/walking.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { type AuditEntry, entryOfFacts } from './audit-entry.ts';
import {
  type Edge,
  type IndexReading,
  indexUnavailable,
  objectsPerCall,
  overIndex,
  reachesOfTime,
} from './index-edge.ts';
import { withinBundles, withLeafTexts } from './leaf-texts.ts';
import { withinPage } from './page-size.ts';

export type IndexAsked = {
  readonly filter: EntryFilter;
  readonly order: Order;
  readonly reaches: Edge['reaches'];
  readonly after?: Position | undefined;
  readonly limit: number;
  /** Whether the texts of the leaves are shown too. */
  readonly withTexts: boolean;
};

/** Entries of the index; `more` where anything is left to look at from `position` on. */
export type IndexPage = {
  readonly entries: readonly AuditEntry[];
  readonly position: Position;
  readonly more: boolean;
};

export type IndexParts = Pick<IndexReading, 'index' | 'shards'> & {
  /** The published log. */
  readonly objects: Pick<ObjectStore, 'get'>;
};

/** An index that is made again may know less than it did when a listing began. */
const demandReach = ({ reaches, after = [] }: IndexAsked): void => {
  const known = new Map(reaches.map(({ shard, size }) => [shard, size]));
  if (after.some(({ shard, at }) => at > (known.get(shard) ?? 0))) {
    throw indexUnavailable('The index is being made again.');
  }
};

/**
 * What a filter means of the index, as much of it as one call may read. Rejects with
 * `index-unavailable` rather than leave entries out, and with `store-unavailable`.
 */
export const indexPart =
  ({ index, shards, objects }: IndexParts) =>
  async (asked: IndexAsked): Promise<IndexPage> => {
    const { filter, order, reaches, after, withTexts } = asked;
    demandReach(asked);
    const find = async (limit: number): Promise<IndexPage> => {
      const page = await findEntries({
        segments: index,
        shards: await reachesOfTime(index, reaches, filter),
        filter,
        order,
        limit,
        ...(after !== undefined && { after }),
        mostObjects: objectsPerCall(shards),
      });
      return { ...page, entries: page.entries.map(entryOfFacts) };
    };
    return overIndex(async () => {
      const page = await find(asked.limit);
      if (!withTexts) return page;
      const few = withinBundles(page.entries);
      const { entries, ...rest } = few < page.entries.length ? await find(few) : page;
      const whole = await withLeafTexts(objects)(entries);
      const fit = withinPage(whole);
      if (fit === whole.length) return { ...rest, entries: whole };
      return { ...(await find(fit)), entries: whole.slice(0, fit) };
    });
  };
