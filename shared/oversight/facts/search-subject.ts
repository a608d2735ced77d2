import * as z from 'zod';
import { type EntryFacts, factsOfLeaf, LeafUnreadable } from '../../audit/index/entry-facts.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Subject } from '../../persian/subject.ts';
import { isWithin, type Scope } from '../../registry/scope.ts';
import { type AuditEntry, entryOfFacts } from '../entries/audit-entry.ts';
import type { Edge } from '../entries/index-edge.ts';
import { otherLeaf, readRowLeaves } from '../entries/row-leaves.ts';
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
  /** The published log. */
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly subjects: Pick<SubjectIndex, 'list'>;
  readonly subjectKey: SecretKey;
};

/**
 * Entries, the newest first, and where to go on; absent at the end. `isStopped`: because so much was looked
 * at, and not because the page is full.
 */
export type HistoryPage = {
  readonly entries: readonly AuditEntry[];
  readonly next?: HistoryPlace;
  readonly isStopped: boolean;
};

/**
 * Rows that one page looks at, whoever asks and however few it shows: were it fewer for a small page, the
 * number of pages would tell how many inquiries others may see.
 */
export const mostLookedAt = 512;

/** Rows that are asked for at once when the first were not enough. */
const rowsAtOnce = 64;

const readFacts = (row: SubjectRow, leaf: Uint8Array): EntryFacts | undefined => {
  try {
    return factsOfLeaf(leaf, row);
  } catch (error) {
    if (error instanceof LeafUnreadable) return undefined;
    throw error;
  }
};

/** What the log says of the inquiries that rows lead to, and what is known of them beside it. */
const factsOf = async (
  objects: HistoryParts['objects'],
  rows: readonly SubjectRow[],
): Promise<readonly EntryFacts[]> => {
  const leaves = await readRowLeaves(objects)(rows);
  return rows.map((row, n) => {
    const facts = readFacts(row, leaves[n] ?? new Uint8Array());
    if (facts?.id !== row.id) throw otherLeaf();
    return { ...facts, ...row.known };
  });
};

/** Rows of a subject within a time, the newest first, and the place behind them; absent at the end. */
type Stretch = { readonly rows: readonly SubjectRow[]; readonly behind?: HistoryPlace };

/** The newest rows of a subject, year after year, as many as one page may look at. */
async function* newestRows(
  { subjects, subjectKey }: HistoryParts,
  { subject, from, to, limit, place }: HistoryAsked,
): AsyncGenerator<Stretch, void, undefined> {
  const named = taggedSubject(subject);
  const years = tagYears(from, to - 1).filter((one) => place === undefined || one <= place.year);
  let left = mostLookedAt;
  let wanted = limit + 1;
  for (const year of years) {
    const tag = subjectTag(subjectKey, year, named);
    let before = year === place?.year ? place.before : to;
    for (let more = true; more; ) {
      const page = await subjects.list(tag, { before, limit: Math.min(left, wanted) });
      const rows = page.rows.filter(({ t }) => t >= from);
      before = page.rows.at(-1)?.t ?? from;
      more = page.more && before > from;
      left -= rows.length;
      wanted = rowsAtOnce;
      const isEnd = !more && year === years.at(-1);
      yield { rows, ...(!isEnd && { behind: { year, before } }) };
      if (left <= 0) return;
    }
  }
}

type Timed = { readonly t: number };

/**
 * The first page of what stands newest first: `limit` of them, or fewer so that one millisecond is not
 * parted, or all of one that is larger. Undefined where it is not seen yet that more come behind it.
 */
const pageWithin = <One extends Timed>(
  found: readonly One[],
  limit: number,
): readonly One[] | undefined => {
  const cut = found[limit];
  if (cut === undefined) return undefined;
  const whole = found.slice(0, limit).filter(({ t }) => t > cut.t);
  if (whole.length > 0) return whole;
  const same = found.filter(({ t }) => t === cut.t);
  return same.length < found.length ? same : undefined;
};

const placeBehind = (page: readonly Timed[]): { readonly next?: HistoryPlace } => {
  const last = page.at(-1);
  return last === undefined
    ? {}
    : { next: { year: new Date(last.t).getUTCFullYear(), before: last.t } };
};

/**
 * The inquiries about a subject, newest first: found by its pseudonym of each year, told by the log, as far
 * as the index of entries knows it. Pages are those of somebody for whom there is nothing but what
 * the reader may see: full but for the last, and `next` names an entry that was shown. Only where so much
 * lies outside that one page may not look at it all is one shorter, or empty, and goes on. It is longer
 * only where inquiries are of the same millisecond. Rejects with `index-unavailable` where the
 * index and the log do not fit, and with `store-unavailable`.
 */
export const subjectHistory =
  (parts: HistoryParts) =>
  async ({ reaches }: Edge, asked: HistoryAsked): Promise<HistoryPage> => {
    const sizes = new Map(reaches.map(({ shard, size }) => [shard, size]));
    const found: EntryFacts[] = [];
    let behind: HistoryPlace | undefined;
    for await (const stretch of newestRows(parts, asked)) {
      const known = stretch.rows.filter(({ shard, index }) => index < (sizes.get(shard) ?? 0));
      const facts = await factsOf(parts.objects, known);
      found.push(...facts.filter((one) => isWithin(asked.within, one)));
      const page = pageWithin(found, asked.limit);
      if (page !== undefined) {
        return { entries: page.map(entryOfFacts), ...placeBehind(page), isStopped: false };
      }
      behind = stretch.behind;
    }
    const next = behind !== undefined && { next: behind };
    return { entries: found.map(entryOfFacts), ...next, isStopped: behind !== undefined };
  };
