import * as z from 'zod';
import { entryAt } from '../../audit/index/entry-at.ts';
import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import { IndexInvalid } from '../../audit/index/index-invalid.ts';
import type { OpenedIndex } from '../../audit/index/opened-index.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Subject } from '../../persian/subject.ts';
import { isWithin, type Scope } from '../../registry/scope.ts';
import { type AuditEntry, entryOfFacts } from '../entries/audit-entry.ts';
import { type Edge, overIndex } from '../entries/index-edge.ts';
import type { SubjectIndex, SubjectRow } from '../feeding/subject-index.ts';
import { subjectTag, taggedSubject, tagYears } from '../tags.ts';

/** Where a search for a subject goes on: in which year, before which time. */
export const HistoryPlace = z.strictObject({ year: z.int(), before: z.int() });
export type HistoryPlace = z.infer<typeof HistoryPlace>;

export type HistoryAsked = {
  readonly subject: Subject;
  /** From ≤ time inside the id < to. */
  readonly from: number;
  readonly to: number;
  readonly within: readonly Scope[];
  readonly limit: number;
  readonly place: HistoryPlace | undefined;
};

export type HistoryParts = {
  readonly index: OpenedIndex;
  readonly subjects: Pick<SubjectIndex, 'list'>;
  readonly subjectKey: SecretKey;
};

/** Entries, the newest first, and where to go on; absent at the end. */
export type HistoryPage = {
  readonly entries: readonly AuditEntry[];
  readonly next?: HistoryPlace;
};

/** Segments that are opened at once. */
const atOnce = 8;

const factsOf = async (index: OpenedIndex, row: SubjectRow): Promise<EntryFacts> => {
  const facts = await entryAt(index, row);
  if (facts?.id === row.id) return facts;
  throw new IndexInvalid('The index of subjects names another leaf than the index of entries.');
};

const inChunks = async (
  index: OpenedIndex,
  rows: readonly SubjectRow[],
): Promise<readonly EntryFacts[]> => {
  const found: EntryFacts[] = [];
  for (let at = 0; at < rows.length; at += atOnce) {
    const some = rows.slice(at, at + atOnce).map((row) => factsOf(index, row));
    found.push(...(await Promise.all(some)));
  }
  return found;
};

type Collected = { readonly rows: readonly SubjectRow[]; readonly next?: HistoryPlace };

/** The newest rows of a subject within a time, year after year, until there are as many as a page has. */
const collect = async (
  { subjects, subjectKey }: HistoryParts,
  { subject, from, to, limit, place }: HistoryAsked,
): Promise<Collected> => {
  const named = taggedSubject(subject);
  const rows: SubjectRow[] = [];
  const all = tagYears(from, to - 1);
  for (const year of all.filter((one) => place === undefined || one <= place.year)) {
    const tag = subjectTag(subjectKey, year, named);
    let before = year === place?.year ? place.before : to;
    for (let more = true; more; ) {
      if (rows.length >= limit) return { rows, next: { year, before } };
      const page = await subjects.list(tag, { before, limit: limit - rows.length });
      rows.push(...page.rows.filter(({ t }) => t >= from));
      before = page.rows.at(-1)?.t ?? from;
      more = page.more && before > from;
    }
  }
  return { rows };
};

/**
 * The inquiries about a subject, newest first: found by its pseudonym of each year, told by the index of
 * entries, as far as that knows the logs. A page may be shorter than `limit`, or empty, and go on; it is
 * longer only where inquiries are of the same millisecond. Rejects with `index-unavailable` where the
 * two indexes do not fit, and with `store-unavailable`.
 */
export const subjectHistory =
  (parts: HistoryParts) =>
  async ({ reaches }: Edge, asked: HistoryAsked): Promise<HistoryPage> => {
    const sizes = new Map(reaches.map(({ shard, size }) => [shard, size]));
    const { rows, next } = await collect(parts, asked);
    const known = rows.filter(({ shard, index }) => index < (sizes.get(shard) ?? 0));
    const facts = await overIndex(() => inChunks(parts.index, known));
    return {
      entries: facts.filter((one) => isWithin(asked.within, one)).map(entryOfFacts),
      ...(next !== undefined && { next }),
    };
  };
