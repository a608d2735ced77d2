import { bucketLength } from '../../audit/address.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { findEntries, type Position } from '../../audit/index/query.ts';
import type { Reach } from '../../audit/index/walk.ts';
import {
  type Edge,
  type IndexReading,
  objectsPerCall,
  overIndex,
  reachesOfTime,
} from '../entries/index-edge.ts';

/** Whose entries, of which time. */
export type OwnFilter = {
  readonly counter?: string;
  readonly agency?: string;
  readonly from: number;
  readonly to: number;
};

/** All entries of a time up to `until`, which is earlier than what was asked for where there are too many. */
export type OwnEntries = { readonly entries: readonly EntryFacts[]; readonly until: number };

type Collected = {
  readonly entries: readonly EntryFacts[];
  readonly position: Position | undefined;
  readonly more: boolean;
};

/** Reads on until there are so many, or no more. */
const collect = async (
  { index, shards }: IndexReading,
  reaches: readonly Reach[],
  filter: OwnFilter,
  { most, after }: { readonly most: number; readonly after?: Position | undefined },
): Promise<Collected> => {
  const entries: EntryFacts[] = [];
  let position = after;
  let more = true;
  while (more && entries.length < most) {
    const page = await findEntries({
      segments: index,
      shards: reaches,
      filter,
      order: 'oldest',
      ...(position !== undefined && { after: position }),
      limit: Math.min(1000, most - entries.length),
      mostObjects: objectsPerCall(shards),
    });
    entries.push(...page.entries);
    ({ position, more } = page);
  }
  return { entries, position, more };
};

/**
 * The entries of a time in the order of the log, about `most` of them and all up to some time: those too
 * that came late and stand behind later ones. Rejects with `index-unavailable` and `store-unavailable`.
 */
export const ownEntries = (
  reading: IndexReading,
  { reaches }: Pick<Edge, 'reaches'>,
  filter: OwnFilter,
  most: number,
): Promise<OwnEntries> =>
  overIndex(async () => {
    const { from, to } = filter;
    const within = await reachesOfTime(reading.index, reaches, { from, to });
    for (let wanted = most; ; wanted *= 4) {
      const {
        entries,
        position: after,
        more,
      } = await collect(reading, within, filter, {
        most: wanted,
      });
      if (!more) return { entries, until: to };
      // Logs go by buckets: all before that of the latest was seen, but for what came late.
      const latest = entries.reduce((t, one) => Math.max(t, one.t), 0);
      const until = Math.floor(latest / bucketLength) * bucketLength;
      if (until <= from) continue;
      const late = await collect(
        reading,
        within,
        { ...filter, to: until },
        {
          most: Number.POSITIVE_INFINITY,
          after,
        },
      );
      return { entries: [...entries.filter(({ t }) => t < until), ...late.entries], until };
    }
  });
