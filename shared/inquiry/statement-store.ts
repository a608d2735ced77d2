import type { InquiryId } from '../kernel/id.ts';
import type { ParticipantId } from '../message/claims.ts';

/** What is stated: a day of Tehran by its Gregorian date, by a participant. */
export type StatedDay = { readonly by: ParticipantId; readonly day: string };

/** That a day is stated, and by what. */
export type StatementMark = {
  /** The id of the leaf that is to hold the statement, or holds it. */
  readonly leaf: InquiryId;
  /** base64url of the SHA-256 of what is stated. */
  readonly digest: string;
  /** Whether the leaf is on record in the journal. */
  readonly recorded: boolean;
};

/**
 * Which days are stated; one statement a participant and day. Rejects with the problem
 * `store-unavailable`.
 */
export type StatementStore = {
  readonly find: (at: StatedDay) => Promise<StatementMark | undefined>;
  /**
   * Puts `next` where `expected` stands (undefined: nothing stands), durably once it resolves.
   * Resolves to what stands instead when it is something else; `next` standing already counts as
   * written.
   */
  readonly compareAndSwap: (
    at: StatedDay,
    expected: StatementMark | undefined,
    next: StatementMark,
  ) => Promise<'written' | { readonly standing: StatementMark | undefined }>;
};

export const sameMark = (a: StatementMark | undefined, b: StatementMark | undefined): boolean =>
  a?.leaf === b?.leaf && a?.digest === b?.digest && a?.recorded === b?.recorded;
