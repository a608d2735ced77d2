import * as z from 'zod';
import { AccessDisputed } from '#events/access-disputed.ts';
import { InquiryId } from '../../kernel/id.ts';

/** What a person says against an inquiry. */
export const Ground = AccessDisputed.shape.ground;
export type Ground = z.infer<typeof Ground>;

/**
 * That the person whom an inquiry was about, or one whom it named, does not recognise it, with what the
 * inquiry itself says in the clear; nothing tells who that is.
 */
export const Dispute = z.strictObject({
  inquiry: InquiryId,
  /** The id of the leaf that is to say so, or says it. */
  leaf: InquiryId,
  ground: Ground,
  counter: z.string(),
  agency: z.string(),
  service: z.string(),
  /** Of the counter, by its licence on the day of the inquiry. */
  province: z.string().exactOptional(),
  /** It is of one whom the inquiry named, and which was about another. */
  named: z.literal(true).exactOptional(),
});
export type Dispute = Readonly<z.infer<typeof Dispute>>;

/** A dispute, and whether its leaf is on record and it is listed for those who audit. */
export type DisputeMark = Dispute & { readonly recorded: boolean };

/** Where a listing of a day goes on, and how much it gives. */
export type DisputePage = { readonly after?: InquiryId; readonly limit: number };

/** The most inquiries whose disputes are found at once. */
export const mostFound = 100;

/**
 * Disputes, for ever: of an inquiry one by whom it was about, and one by whom it named. Rejects with the
 * problem `store-unavailable`.
 */
export type DisputeStore = {
  /** The disputes of these inquiries, in any order; no inquiry twice, and at most {@link mostFound}. */
  readonly findAll: (inquiries: readonly InquiryId[]) => Promise<readonly DisputeMark[]>;
  /**
   * Puts `next` where `expected` stands (undefined: nothing stands), durably once it resolves.
   * Resolves to what stands instead when it is something else; `next` standing already counts as
   * written.
   */
  readonly compareAndSwap: (
    expected: DisputeMark | undefined,
    next: DisputeMark,
  ) => Promise<'written' | { readonly standing: DisputeMark | undefined }>;
  /** Lists a dispute under the day of its leaf (UTC), durably once it resolves; as often as it is called. */
  readonly publish: (dispute: Dispute) => Promise<void>;
  /** Those listed of a day, in the order of their leaves, behind one of them. */
  readonly list: (day: string, page: DisputePage) => Promise<readonly Dispute[]>;
};

export const sameMark = (a: DisputeMark | undefined, b: DisputeMark | undefined): boolean =>
  a?.inquiry === b?.inquiry &&
  a?.leaf === b?.leaf &&
  a?.ground === b?.ground &&
  a?.counter === b?.counter &&
  a?.agency === b?.agency &&
  a?.service === b?.service &&
  a?.province === b?.province &&
  a?.named === b?.named &&
  a?.recorded === b?.recorded;

/** The day of a time in milliseconds since 1970, in UTC: `2027-01-15`. */
export const dayOf = (t: number): string => new Date(t).toISOString().slice(0, 10);
