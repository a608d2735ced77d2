import type { EntryFacts } from '../../audit/index/entry-facts.ts';
import type { ByteRange } from '../../audit/ports.ts';
import type { InquiryId } from '../../kernel/id.ts';

/** That an inquiry was about somebody, or named somebody: where its leaf stands, and when it was asked. */
export type SubjectRow = {
  /** The keyed pseudonym of the year (tags.ts): 16 characters. */
  readonly tag: string;
  /** The time inside the id, in milliseconds since 1970. */
  readonly t: number;
  readonly shard: number;
  readonly index: number;
  readonly id: InquiryId;
  /** Where the leaf is in the bytes of its bundle, which is large. */
  readonly place: ByteRange;
  /** What the leaf itself does not say of its inquiry. */
  readonly known: KnownFacts;
  /** It was about another, and this one is named in what was asked. */
  readonly named?: true;
};

export type KnownFacts = Pick<EntryFacts, 'province' | 'operatorTag' | 'hasCase'>;

/** What tells a row from all others. */
export type SubjectRowName = Pick<SubjectRow, 'tag' | 't' | 'shard' | 'index'>;

/** A row that leads to its inquiry, whatever else it says of it. */
export type BareRow = Omit<SubjectRow, 'place' | 'known' | 'named'>;

/** A part of what is known under a tag, newest first. */
export type SubjectPage = {
  readonly rows: readonly SubjectRow[];
  /** Whether there are older ones. */
  readonly more: boolean;
};

/**
 * Which inquiries were about whom, or named whom. It can be made again from the log and the vault. Rejects with the
 * problem `store-unavailable`.
 */
export type SubjectIndex = {
  /** Keeps rows, durably once it resolves; one that stands already stays. Some may be kept when it rejects. */
  readonly put: (rows: readonly SubjectRow[]) => Promise<void>;
  /**
   * The newest rows of a tag with t < `before`: about `limit` of them, for rows of one millisecond are
   * never parted. So the next page is that before the t of the last row.
   */
  readonly list: (
    tag: string,
    page: { readonly before: number; readonly limit: number },
  ) => Promise<SubjectPage>;
  /** Removes rows for good, durably once it resolves; one that is gone already counts as removed. */
  readonly remove: (rows: readonly SubjectRowName[]) => Promise<void>;
};

type RowOrder = Omit<SubjectRowName, 'tag'>;

/** Newest first: by t, then shard and index. */
export const compareRows = (a: RowOrder, b: RowOrder): number =>
  b.t - a.t || b.shard - a.shard || b.index - a.index;

/** The first page of rows that stand newest first, all that there are. */
export const pageOf = (rows: readonly SubjectRow[], limit: number): SubjectPage => {
  const cut = rows[limit];
  if (cut === undefined) return { rows, more: false };
  const whole = rows.slice(0, limit).filter(({ t }) => t > cut.t);
  // Where one millisecond fills the page, it is the page.
  const page = whole.length > 0 ? whole : rows.filter(({ t }) => t === cut.t);
  return { rows: page, more: page.length < rows.length };
};
