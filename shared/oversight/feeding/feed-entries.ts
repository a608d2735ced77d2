import { bucketLength, bucketsPerPeriod } from '../../audit/address.ts';
import { forgetTags } from '../../audit/index/change-index.ts';
import { segmentWidth } from '../../audit/index/segment-form.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import type { LogHead } from '../../audit/log-head.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { InquiryId } from '../../kernel/id.ts';
import { type Gathered, type Gathering, gatherEntries } from '../entries/gather-entries.ts';
import type { OpenedEntry } from '../entries/open-bundle.ts';
import { markAt } from '../timely.ts';
import { type IndexMark, type IndexMarks, lateOf, sameMark, withLate } from './index-marks.ts';
import { changesOf, putChanges, readIndexObjects, summaryLeaves } from './index-objects.ts';
import type { SubjectIndex, SubjectRow } from './subject-index.ts';
import { standingVault } from './vault-objects.ts';

export type EntryFeeding = Gathering & {
  readonly subjects: Pick<SubjectIndex, 'put' | 'remove'>;
  readonly marks: IndexMarks;
  /** How far each log is closed. */
  readonly heads: Pick<LogHead, 'read'>;
};

/** Milliseconds that a mark may lag behind a log that has nothing to add: it is not put for less. */
const quietLag = bucketsPerPeriod * bucketLength;

/** What a step came to: of `size` published leaves the index knows the first `fed`. */
export type FedEntries = {
  readonly size: number;
  readonly fed: number;
  readonly more: boolean;
  /** Entries of this step whose disclosures are lost or cannot be opened: of these less is known. */
  readonly unopened: number;
  /** Whether something of the index was lost or spoilt, and is now made again. */
  readonly broken: boolean;
};

type Entries = Pick<Gathered, 'entries' | 'places'>;

/** The rows of those whom inquiries are about, and of those whom they name. */
export const subjectRows = ({ entries, places }: Entries): readonly SubjectRow[] =>
  entries.flatMap(({ facts, named }) => {
    const { subjectTag: tag, t, shard, index, id, province, operatorTag, hasCase } = facts;
    const place = places.get(index);
    if (tag === undefined || place === undefined) return [];
    const known = {
      ...(province !== undefined && { province }),
      ...(operatorTag !== undefined && { operatorTag }),
      ...(hasCase !== undefined && { hasCase }),
    };
    const row = { tag, t, shard, index, id: InquiryId.parse(id), place, known };
    return [row, ...named.map((other) => ({ ...row, tag: other, named: true as const }))];
  });

/** The entries that were opened and whose vault says now that they are erased. */
const erasedSince = async (
  { derived }: EntryFeeding,
  shard: number,
  entries: readonly OpenedEntry[],
): Promise<readonly OpenedEntry[]> => {
  const opened = entries.filter(({ vault }) => vault === 'opened');
  const bundles = [...Map.groupBy(opened, ({ facts }) => Math.floor(facts.index / tileWidth))];
  const gone = bundles.map(async ([bundle, own]) => {
    const rows = await standingVault(derived, shard, bundle);
    return own.filter(({ facts }) => rows?.[facts.index % tileWidth]?.kind === 'erased');
  });
  return (await Promise.all(gone)).flat();
};

/** Puts the rows of subjects, and takes those out again that were erased meanwhile. */
const putRows = async (
  parts: EntryFeeding,
  shard: number,
  { entries, places }: Entries,
): Promise<void> => {
  await parts.subjects.put(subjectRows({ entries, places }));
  const gone = await erasedSince(parts, shard, entries);
  if (gone.length > 0) await parts.subjects.remove(subjectRows({ entries: gone, places }));
};

/** Takes out of the index again what was erased while it was put in. */
const forgetErased = async (
  parts: EntryFeeding,
  shard: number,
  entries: readonly OpenedEntry[],
): Promise<'written' | 'overtaken'> => {
  const gone = await erasedSince(parts, shard, entries);
  if (gone.length === 0) return 'written';
  const leaves = new Set(gone.map(({ facts }) => facts.index));
  return putChanges(parts.derived, await forgetTags(storedSegments(parts.derived), shard, leaves));
};

/**
 * The mark of an index that knows all leaves. In a quiet hour a log closes buckets and gets no leaf: its
 * head says how far it has come.
 */
const closedMark = async (
  { heads }: Pick<EntryFeeding, 'heads'>,
  shard: number,
  mark: IndexMark,
): Promise<IndexMark> => {
  // After the mark: what is closed by then is either in the mark's leaves, or the head has more of them.
  const head = await heads.read(shard);
  const until = head?.size === mark.size ? head.bucket * bucketLength : 0;
  return until < mark.until + quietLag ? mark : { ...mark, until };
};

/**
 * Feeds the index of entries from the published log of a shard, the vault and the journal; each call
 * takes one step, within one segment. What it writes stands in this order: the vault, the rows of
 * subjects, the objects of the index, and then the mark, so that whatever breaks off is done again. Any
 * number may feed at once. A mark that is set back makes it all again from there; what was erased stays
 * so. In a quiet hour the mark follows the head of the log. Rejects with `FeedStopped` at a bundle, a leaf
 * or a checkpoint that cannot be read, and with `store-unavailable`.
 */
export const feedEntries = (parts: EntryFeeding, shard: number): (() => Promise<FedEntries>) => {
  const { objects, derived, marks } = parts;
  const gather = gatherEntries(parts);

  const moved = async (from: IndexMark, to: IndexMark): Promise<IndexMark> => {
    const answer = await marks.swap(shard, from, to);
    return answer === 'written' ? to : answer.standing;
  };

  return async () => {
    const mark = await marks.read(shard);
    const idle = { unopened: 0, broken: false };
    const before = await publishedSize(objects, shard);
    if (mark.size >= before) {
      const closed = await closedMark(parts, shard, mark);
      const { size: fed } = sameMark(mark, closed) ? mark : await moved(mark, closed);
      return { ...idle, size: before, fed, more: fed < before };
    }
    const from = mark.size;
    const standing = await readIndexObjects(derived, shard, from);
    // Read after what stands: so nobody puts what knows fewer leaves in the place of what knows more.
    const size = await publishedSize(objects, shard);
    const to = Math.min(size, (Math.floor(from / segmentWidth) + 1) * segmentWidth);
    const { entries, places, until = 0, lateBehind } = await gather({ shard, size, from, to });
    const facts = entries.map((entry) => entry.facts);
    const unopened = entries.filter(({ vault }) => vault === 'closed').length;
    const again = { size, fed: from, more: true, unopened: 0, broken: false };
    await putRows(parts, shard, { entries, places });
    const changes = await changesOf(standing, to, facts);
    if (changes === 'broken') {
      const start = Math.floor(from / summaryLeaves) * summaryLeaves;
      const back = await markAt(objects, shard, { size: start, published: size });
      const { size: fed } = await moved(mark, withLate(back, lateOf(mark)));
      return { ...again, fed, broken: true };
    }
    if ((await putChanges(derived, changes)) === 'overtaken') return again;
    if ((await forgetErased(parts, shard, entries)) === 'overtaken') return again;
    const next = { size: to, until: Math.max(mark.until, until) };
    const late = lateOf(mark);
    const most = late === undefined ? undefined : Math.max(late, lateBehind(mark.until));
    const { size: fed } = await moved(mark, withLate(next, most));
    return { size, fed, more: fed < size, unopened, broken: false };
  };
};
