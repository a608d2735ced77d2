import type { InquiryId } from '../../kernel/id.ts';

/** The last census of a log: which leaves it counts, and how far it has come. */
export type CensusMark = {
  /** Leaf indexes, from one up to and without another. */
  readonly from: number;
  readonly to: number;
  /** The id of the leaf that is to hold it, or holds it. */
  readonly leaf: InquiryId;
  /** Up to which leaf the index was compared with the log: it may be behind by more than one census. */
  readonly compared: number;
  /** Begun; then its leaf is on record in the journal; then the index was compared up to its end. */
  readonly state: 'begun' | 'recorded' | 'compared';
};

/** Where it stands what of each log was counted. Rejects with the problem `store-unavailable`. */
export type CensusMarks = {
  readonly read: (shard: number) => Promise<CensusMark | undefined>;
  /**
   * Puts `next` where `expected` stands (undefined: nothing stands), durably once it resolves; resolves
   * to what stands instead when it is something else. `next` standing already counts as written.
   */
  readonly swap: (
    shard: number,
    expected: CensusMark | undefined,
    next: CensusMark,
  ) => Promise<'written' | { readonly standing: CensusMark | undefined }>;
};

export const sameCensus = (a: CensusMark | undefined, b: CensusMark | undefined): boolean =>
  a?.from === b?.from &&
  a?.to === b?.to &&
  a?.leaf === b?.leaf &&
  a?.compared === b?.compared &&
  a?.state === b?.state;
