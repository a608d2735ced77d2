import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexIncomplete } from '../../audit/index/index-invalid.ts';
import { openSegment } from '../../audit/index/segment.ts';
import { segmentWidth } from '../../audit/index/segment-form.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import { factsIn } from '../../audit/index/without-tags.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import type { Opening } from '../entries/open-bundle.ts';
import { readVault, type VaultRow } from '../feeding/vault-objects.ts';
import type { Places } from './erase-entries.ts';
import type { OldEntry } from './erase-old.ts';
import type { HeldEntry } from './hold.ts';
import type { OldClaim } from './old-claim.ts';
import { openEntries } from './open-entries.ts';

type Stores = Pick<Places, 'derived' | 'marks'>;

/** A segment of a log's index. */
type SegmentPlace = { readonly shard: number; readonly n: number };

/** An entry of the index, with its id as such. */
type Entry = EntryFacts & { readonly id: InquiryId };

/** Pseudonyms of those whom the inquiries of one step name: more would not fit its claim. */
export const mostOthers = 4096;

/** What of a segment is to be erased. */
export type OldEntries = {
  readonly due: readonly OldEntry[];
  /** Whether more is due that did not fit. */
  readonly more: boolean;
  /** Whether all of the segment is in the index and old, so that nothing more will be due. */
  readonly isOver: boolean;
};

const ownTags = ({ subjectTag }: Pick<EntryFacts, 'subjectTag'>): readonly string[] =>
  subjectTag === undefined ? [] : [subjectTag];

/** An entry with the pseudonyms that lead to it, some of which the index does not have. */
const oldEntry = (
  { id, t, shard, index, subjectTag }: Entry,
  tags: readonly string[],
): OldEntry => ({
  id,
  t,
  shard,
  index,
  subjectTag,
  others: tags.filter((tag) => tag !== subjectTag),
});

const hasTags = ({ subjectTag, operatorTag, hasCase }: EntryFacts): boolean =>
  subjectTag !== undefined || operatorTag !== undefined || hasCase !== undefined;

/** What of a segment the index knows; undefined where it does not have the segment. */
const readSegment = async (
  { derived, marks }: Stores,
  { shard, n }: SegmentPlace,
): Promise<{ readonly size: number; readonly entries: readonly Entry[] } | undefined> => {
  const { size } = await marks.read(shard);
  if (size <= n * segmentWidth) return undefined;
  const bytes = await storedSegments(derived).segment(shard, n);
  if (bytes === undefined) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing.`);
  }
  const entries = factsIn(openSegment(bytes))
    .filter(({ index }) => index < size)
    .map((facts) => ({ ...facts, id: InquiryId.parse(facts.id) }));
  return { size, entries };
};

/** What the vault says of entries of one log. */
const vaultOf = async (
  { derived }: Pick<Places, 'derived'>,
  shard: number,
  entries: readonly Entry[],
): Promise<(entry: Entry) => VaultRow['kind']> => {
  const bundles = Map.groupBy(entries, ({ index }) => Math.floor(index / tileWidth));
  const found = new Map<number, VaultRow['kind']>();
  for (const [bundle, own] of bundles) {
    const rows = await readVault(derived, shard, bundle);
    for (const { index } of own) found.set(index, rows[index % tileWidth]?.kind ?? 'nothing');
  }
  return ({ index }) => found.get(index) ?? 'nothing';
};

/** The first of them whose pseudonyms fit a claim, at least one. */
const thatFit = (due: readonly OldEntry[]): readonly OldEntry[] => {
  let left = mostOthers;
  const end = due.findIndex(({ others }, n) => {
    left -= others.length;
    return left < 0 && n > 0;
  });
  return end === -1 ? due : due.slice(0, end);
};

/**
 * What of a segment was asked before `cutoff`, is known still, and is not held, with the pseudonyms that
 * lead to it; `none` where the index does not have the segment, or nothing in it is old: the rest of the
 * log is younger, but for what came late, whose turn comes with its neighbours. What a claim before has
 * begun is due in any case: its facts are gone, and nothing but that claim knows whom it named. Rejects
 * with `IndexIncomplete`, `IndexInvalid`, `VaultInvalid` and `store-unavailable`.
 */
export const findOld = async (
  stores: Stores & { readonly opening: Opening },
  {
    at,
    cutoff,
    before,
  }: { readonly at: SegmentPlace; readonly cutoff: number; readonly before: OldClaim },
  isHeld: (entry: HeldEntry) => boolean,
): Promise<OldEntries | 'none'> => {
  const segment = await readSegment(stores, at);
  if (segment === undefined) return 'none';
  const { size, entries } = segment;
  const old = entries.filter(({ t }) => t < cutoff);
  if (old.length === 0 && entries.length > 0) return 'none';
  // Before anything is opened: what is held as it is known is looked at every day.
  const free = new Set(old.filter((entry) => !isHeld({ ...entry, tags: ownTags(entry) })));
  const claimed = new Map(before.rows.map(([index, ...others]) => [index, others] as const));
  const looked = old.filter((entry) => free.has(entry) || claimed.has(entry.index));
  const kindOf = await vaultOf(stores, at.shard, looked);
  const begun = looked.filter((entry) => claimed.has(entry.index) && kindOf(entry) === 'erased');
  for (const entry of begun) free.delete(entry);
  const known = [...free].filter((entry) => hasTags(entry) || kindOf(entry) === 'sealed');
  const opened = await openEntries(stores.opening)(known);
  const due = [
    ...begun.map((entry) => oldEntry(entry, claimed.get(entry.index) ?? [])),
    ...opened.flatMap(({ entry, facts, named }) => {
      const tags = [...ownTags(facts), ...named];
      return isHeld({ ...entry, tags }) ? [] : [oldEntry(entry, tags)];
    }),
  ];
  const fit = thatFit(due);
  return {
    due: fit,
    more: fit.length < due.length,
    isOver: size >= (at.n + 1) * segmentWidth && old.length === entries.length,
  };
};

/** The entries of a segment that a claim names; undefined where the index does not know all of them now. */
export const claimedOld = async (
  stores: Stores,
  at: SegmentPlace,
  { rows }: OldClaim,
): Promise<readonly OldEntry[] | undefined> => {
  const { entries = [] } = (await readSegment(stores, at)) ?? {};
  const known = new Map(entries.map((entry) => [entry.index, entry]));
  const found = rows.flatMap(([index, ...others]) => {
    const entry = known.get(index);
    return entry === undefined ? [] : [oldEntry(entry, others)];
  });
  return found.length === rows.length ? found : undefined;
};
