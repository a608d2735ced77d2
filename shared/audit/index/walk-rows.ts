import type { EntryFilter } from './filter.ts';
import type { OpenedIndex } from './opened-index.ts';
import { type Position, remaining } from './query.ts';
import { type Found, objectsOfStep, type Reach, walkShard } from './walk.ts';
import { budgetOf } from './walking.ts';

export type RowsQuery = {
  readonly segments: OpenedIndex;
  readonly shards: readonly Reach[];
  readonly filter: EntryFilter;
  readonly after?: Position;
  /** Objects of the index that one call asks for at most: at least three. */
  readonly mostObjects: number;
};

/** How far a walk came; a call goes on from `position` while there is `more`. */
export type Walked = { readonly position: Position; readonly more: boolean };

/**
 * Hands over all entries that a filter means as rows of columns, shard by shard and in the order of each
 * log: what sums up columns makes no object of any entry. Nothing is handed over twice in calls that go
 * on from each other's position. Rejects with `IndexInvalid`, `IndexIncomplete` and `store-unavailable`,
 * when some rows may have been handed over.
 */
export const walkRows = async (
  { segments: index, shards, filter, after, mostObjects }: RowsQuery,
  take: (found: Found) => void,
): Promise<Walked> => {
  if (mostObjects < objectsOfStep) throw new RangeError('A walk needs three objects.');
  const budget = budgetOf(mostObjects);
  const position: { readonly shard: number; readonly at: number }[] = [];
  let more = false;
  for (const reach of shards) {
    const leaves = remaining(reach, 'oldest', after);
    const walk = walkShard({ index, filter, order: 'oldest', budget }, reach.shard, leaves);
    let found = await walk.next();
    for (; typeof found !== 'string'; found = await walk.next()) take(found);
    position.push({ shard: reach.shard, at: walk.at() });
    more ||= found === 'spent';
  }
  return { position, more };
};
