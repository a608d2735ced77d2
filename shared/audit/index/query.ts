import type { EntryFacts } from './entry-facts.ts';
import type { EntryFilter } from './filter.ts';
import type { OpenedIndex } from './opened-index.ts';
import { type Found, objectsOfStep, type Reach, type Walk, walkShard } from './walk.ts';
import { budgetOf, type Order } from './walking.ts';

/**
 * Where a query goes on: for each shard the leaf index that it came to. For `oldest` the next leaf to
 * look at; for `newest` the one after it, so that what is appended meanwhile lies behind.
 */
export type Position = readonly { readonly shard: number; readonly at: number }[];

export type Query = {
  readonly segments: OpenedIndex;
  readonly shards: readonly Reach[];
  readonly filter: EntryFilter;
  readonly order: Order;
  readonly after?: Position;
  /** Entries of a page at most. */
  readonly limit: number;
  /**
   * Objects of the index that one call asks for at most, kept ones too: at least three for each shard, so
   * that every call comes further.
   */
  readonly mostObjects: number;
};

/** `more`: whether anything is left to look at. A page may be short, even empty, and have more. */
export type Page = {
  readonly entries: readonly EntryFacts[];
  readonly position: Position;
  readonly more: boolean;
};

/** The leaves of a shard that are still to be looked at. */
export const remaining = (
  { shard, size, from = 0 }: Reach,
  order: Order,
  after: Position | undefined,
): { readonly from: number; readonly to: number } => {
  const at = after?.find((one) => one.shard === shard)?.at;
  if (order === 'oldest') return { from: Math.max(from, at ?? 0), to: size };
  // A shard that came after the first page is newer than all of it.
  const start = after === undefined ? size : 0;
  return { from, to: Math.min(size, at ?? start) };
};

/** A shard's next entry, and where the shard stands when it is not taken. */
type Head = { readonly found: Found; readonly place: number };

type Lane = { readonly shard: number; readonly walk: Walk; head: Head | 'end' | 'spent' };

const leafOf = ({ found, place }: Head): number => found.group.indexAt(found.rows[place] ?? 0);

const timeOfHead = ({ found, place }: Head): number => found.group.timeAt(found.rows[place] ?? 0);

const firstOf = async (walk: Walk): Promise<Lane['head']> => {
  const found = await walk.next();
  return typeof found === 'string' ? found : { found, place: 0 };
};

const following = async (walk: Walk, { found, place }: Head): Promise<Lane['head']> =>
  place + 1 < found.rows.length ? { found, place: place + 1 } : firstOf(walk);

const isHead = (head: Lane['head']): head is Head => typeof head !== 'string';

/** The lane whose next entry comes first; the lower shard first where times are equal. */
const leading = (lanes: readonly Lane[], order: Order) => {
  let best: { readonly lane: Lane; readonly head: Head; readonly t: number } | undefined;
  for (const lane of lanes) {
    if (!isHead(lane.head)) continue;
    const t = timeOfHead(lane.head);
    const earlier = best === undefined || (order === 'oldest' ? t < best.t : t > best.t);
    if (earlier) best = { lane, head: lane.head, t };
  }
  return best;
};

const standing = ({ walk, head }: Lane, order: Order): number => {
  if (!isHead(head)) return walk.at();
  return order === 'newest' ? leafOf(head) + 1 : leafOf(head);
};

/**
 * A page of the entries that a filter means. Each shard's stand in the order of its log, and shards are
 * merged by time. Pages that go on from each other's position show each entry once, whatever is appended
 * meanwhile. Rejects with `IndexInvalid`, `IndexIncomplete` and `store-unavailable`.
 */
export const findEntries = async (query: Query): Promise<Page> => {
  const { segments: index, shards, filter, order, after, limit, mostObjects } = query;
  if (limit < 1 || mostObjects < objectsOfStep * shards.length) {
    throw new RangeError('A page needs room for an entry, and three objects for each shard.');
  }
  const budget = budgetOf(mostObjects);
  const lanes: Lane[] = [];
  for (const reach of shards) {
    const walk = walkShard(
      { index, filter, order, budget },
      reach.shard,
      remaining(reach, order, after),
    );
    lanes.push({ shard: reach.shard, walk, head: await firstOf(walk) });
  }
  const entries: EntryFacts[] = [];
  while (entries.length < limit && lanes.every(({ head }) => head !== 'spent')) {
    const next = leading(lanes, order);
    if (next === undefined) break;
    const { found, place } = next.head;
    entries.push(found.group.facts(found.rows[place] ?? 0));
    next.lane.head = await following(next.lane.walk, next.head);
  }
  return {
    entries,
    position: lanes.map((lane) => ({ shard: lane.shard, at: standing(lane, order) })),
    more: lanes.some(({ head }) => head !== 'end'),
  };
};
