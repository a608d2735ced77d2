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

export const sameMark = (a: IndexMark, b: IndexMark): boolean =>
  a.size === b.size && a.until === b.until;
