import type { InquiryId } from '../kernel/id.ts';

/** That an inquiry was about somebody: where its leaf stands, and when it was asked. */
export type SubjectRow = {
  /** The keyed pseudonym of the year (tags.ts): 16 characters. */
  readonly tag: string;
  /** The time inside the id, in milliseconds since 1970. */
  readonly t: number;
  readonly shard: number;
  readonly index: number;
  readonly id: InquiryId;
};

/** A part of what is known under a tag, newest first. */
export type SubjectPage = {
  readonly rows: readonly SubjectRow[];
  /** Whether there are older ones. */
  readonly more: boolean;
};

/**
 * Which inquiries were about whom. It can be made again from the log and the vault. Rejects with the
 * problem `store-unavailable`.
 */
export type SubjectIndex = {
  /** Keeps rows, durably once it resolves; one that stands already stays. Some may be kept when it rejects. */
  readonly put: (rows: readonly SubjectRow[]) => Promise<void>;
  /** The newest rows of a tag with t < `before`, at most `limit` of them; complete, in the order of t. */
  readonly list: (
    tag: string,
    page: { readonly before: number; readonly limit: number },
  ) => Promise<SubjectPage>;
  /** Removes rows for good, durably once it resolves; one that is gone already counts as removed. */
  readonly remove: (rows: readonly SubjectRow[]) => Promise<void>;
};
