/** How far the index of entries knows a log. */
export type IndexMark = {
  /** Leaves that are in it, from the first on. */
  readonly size: number;
  /**
   * The start of the bucket of the last of them that came in its time, in milliseconds since 1970; 0
   * before the first. In a quiet hour, the bucket up to which the log is closed. Inquiries with an older
   * id are in the index, but for those that came late since.
   */
  readonly until: number;
  /**
   * Milliseconds by which the bucket of any of them stands behind a later one, at most: readers go by it
   * to where a time can stand. Absent where it was not counted from the first leaf on.
   */
  readonly late?: number;
};

/** Where it stands how far the index of each shard is fed. Rejects with `store-unavailable`. */
export type IndexMarks = {
  /** {@link noMark} before the first is set. */
  readonly read: (shard: number) => Promise<IndexMark>;
  /**
   * Puts `next` where `expected` stands, durably once it resolves; resolves to what stands instead
   * when it is something else. `next` standing already counts as written.
   */
  readonly swap: (
    shard: number,
    expected: IndexMark,
    next: IndexMark,
  ) => Promise<'written' | { readonly standing: IndexMark }>;
};

export const noMark: IndexMark = { size: 0, until: 0 };

/** What a mark knows of how late entries are; of nothing it is known. */
export const lateOf = ({ size, late }: IndexMark): number | undefined => (size === 0 ? 0 : late);

/** A mark that says how late entries are, where that is known. */
export const withLate = ({ size, until }: IndexMark, late: number | undefined): IndexMark => ({
  size,
  until,
  ...(size > 0 && late !== undefined && { late }),
});

export const sameMark = (a: IndexMark, b: IndexMark): boolean =>
  a.size === b.size && a.until === b.until && a.late === b.late;
