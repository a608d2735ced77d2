import type { Layout } from '../../audit/address.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexIncomplete } from '../../audit/index/index-invalid.ts';
import { openSegment } from '../../audit/index/segment.ts';
import { segmentWidth } from '../../audit/index/segment-form.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import { factsIn } from '../../audit/index/without-tags.ts';
import type { JournalStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import { type ExportErasing, eraseExports } from '../exports/erase-exports.ts';
import { vaultInJournal } from '../feeding/journal-vault.ts';
import type { SubjectIndex } from '../feeding/subject-index.ts';
import { readVault } from '../feeding/vault-objects.ts';
import {
  eraseInJournal,
  eraseInVault,
  eraseTags,
  isIndexed,
  type Places,
} from './erase-entries.ts';
import type { HeldEntry } from './hold.ts';

type OldPlaces = Omit<Places, 'journal'> &
  ExportErasing & {
    readonly journal: Pick<JournalStore, 'eraseFacts' | 'list'>;
    readonly subjects: Pick<SubjectIndex, 'remove'>;
    readonly layout: Layout;
  };

/** An entry of the index, with its id as such. */
type Entry = EntryFacts & { readonly id: InquiryId };

/** What of a segment is to be erased. */
export type OldEntries = {
  readonly due: readonly Entry[];
  /** Those among which they are: also such as are erased already. */
  readonly free: readonly Entry[];
  /** Whether all of the segment is in the index and old, so that nothing more will be due. */
  readonly isOver: boolean;
};

const hasTags = ({ subjectTag, operatorTag, hasCase }: EntryFacts): boolean =>
  subjectTag !== undefined || operatorTag !== undefined || hasCase !== undefined;

/** The leaves among some of one log whose facts are still in the vault. */
const inVault = async (
  { derived }: Pick<Places, 'derived'>,
  shard: number,
  entries: readonly Entry[],
): Promise<ReadonlySet<number>> => {
  const bundles = Map.groupBy(entries, ({ index }) => Math.floor(index / tileWidth));
  const found = new Set<number>();
  for (const [bundle, own] of bundles) {
    const rows = await readVault(derived, shard, bundle);
    for (const { index } of own) if (rows[index % tileWidth]?.kind === 'sealed') found.add(index);
  }
  return found;
};

/**
 * What of a segment was asked before `cutoff`, is known still, and is not held; `none` where the index
 * does not have the segment, or nothing in it is old: the rest of the log is younger, but for what came
 * late, whose turn comes with its neighbours. Rejects with `IndexIncomplete`, `IndexInvalid`,
 * `VaultInvalid` and `store-unavailable`.
 */
export const findOld = async (
  { derived, marks }: Pick<Places, 'derived' | 'marks'>,
  {
    at: { shard, n },
    cutoff,
  }: {
    readonly at: { readonly shard: number; readonly n: number };
    readonly cutoff: number;
  },
  isHeld: (entry: HeldEntry) => boolean,
): Promise<OldEntries | 'none'> => {
  const { size } = await marks.read(shard);
  const first = n * segmentWidth;
  if (size <= first) return 'none';
  const bytes = await storedSegments(derived).segment(shard, n);
  if (bytes === undefined) {
    throw new IndexIncomplete(`Segment ${n} of the index of log ${shard} is missing.`);
  }
  const known = factsIn(openSegment(bytes))
    .filter(({ index }) => index < size)
    .map((facts) => ({ ...facts, id: InquiryId.parse(facts.id) }));
  const old = known.filter(({ t }) => t < cutoff);
  if (old.length === 0 && known.length > 0) return 'none';
  const free = old.filter((entry) => !isHeld(entry));
  const sealed = await inVault({ derived }, shard, free);
  return {
    free,
    due: free.filter((entry) => hasTags(entry) || sealed.has(entry.index)),
    isOver: size >= first + segmentWidth && old.length === known.length,
  };
};

/**
 * Erases entries everywhere; false where the index does not know them any more. Their tags are taken
 * from the index of entries last: by these a crash finds them again.
 */
export const eraseOld = async (
  { journal, derived, subjects, marks, layout, ...exporting }: OldPlaces,
  { due, free }: Pick<OldEntries, 'due' | 'free'>,
): Promise<boolean> => {
  const kept = await vaultInJournal({ journal, layout })(due.map(({ id }) => id));
  const standing = [...kept].flatMap(([id, { kind }]) => (kind === 'sealed' ? [id] : []));
  await eraseInJournal({ journal, layout }, standing);
  await eraseInVault(derived, due);
  // What is fed from now on is fed from an empty vault.
  if (!(await isIndexed(marks, due))) return false;
  // Of all of them as well: one whose tags are gone already may be in an export that a crash left.
  await eraseExports(
    exporting,
    free.map(({ id }) => id),
  );
  await subjects.remove(
    due.flatMap(({ subjectTag: tag, t, shard, index, id }) =>
      tag === undefined ? [] : [{ tag, t, shard, index, id }],
    ),
  );
  // All of them: a crash may have come between the two objects that know a tag.
  await eraseTags(derived, free);
  return true;
};
