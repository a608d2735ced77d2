import type { ObjectStore } from '../../audit/ports.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { type ConfidentialBases, delayOf } from '../../registry/confidential-bases.ts';
import { otherLeaf, readRowLeaves } from '../entries/row-leaves.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import type { TaggedSubject } from '../tags.ts';
import { type OwnRows, rowsAbout } from './own-rows.ts';
import { type InquiryAbout, saidInLeaf } from './said-in-leaf.ts';

/** What is known of persons, and what they learn later. */
export type OwnInquiries = OwnRows & {
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly bases: ConfidentialBases;
  readonly now: Clock;
};

/**
 * What the log says of each row, in the order of the rows. Rejects with `store-unavailable`, and with
 * `index-unavailable` where the log has another inquiry there: nothing is shown for somebody else's.
 */
export const readSaid =
  ({ objects }: Pick<OwnInquiries, 'objects'>) =>
  async (rows: readonly SubjectRow[]): Promise<readonly InquiryAbout[]> => {
    const leaves = await readRowLeaves(objects)(rows);
    return leaves.map((leaf, n) => {
      const said = saidInLeaf(leaf);
      if (said === undefined || said.id !== rows[n]?.id) throw otherLeaf();
      return said;
    });
  };

/**
 * The delay of an inquiry, if it has one: by its legal basis, where it was allowed under it, which needs
 * a grant. The basis is the counter's own word; what was denied, or open to everybody, is not delayed.
 */
export const delayIn = (
  bases: ConfidentialBases,
  inquiry: Pick<InquiryAbout, 'basis' | 't' | 'granted'>,
): ReturnType<typeof delayOf> => (inquiry.granted ? delayOf(bases, inquiry) : undefined);

/** Whether the person whom an inquiry is about may not know of it yet. */
export const isHidden = (
  { bases, now }: Pick<OwnInquiries, 'bases' | 'now'>,
  inquiry: Pick<InquiryAbout, 'basis' | 't' | 'granted'>,
): boolean => (delayIn(bases, inquiry)?.until ?? 0) > now();

/** An inquiry that a person may know of, and whether it was about another and only named this one. */
type OwnInquiry = { readonly said: InquiryAbout; readonly named?: true };

/**
 * The inquiry of an id, where it is about this person, or names it, and may be known; undefined for every
 * other.
 */
export const findOwn =
  (own: OwnInquiries) =>
  async (person: TaggedSubject, id: InquiryId): Promise<OwnInquiry | undefined> => {
    const t = timeOf(id);
    for await (const rows of rowsAbout(own)(person, { from: t, before: t + 1 })) {
      const row = rows.find((one) => one.id === id);
      const [said] = await readSaid(own)(row === undefined ? [] : [row]);
      if (said === undefined) continue;
      return isHidden(own, said) ? undefined : { said, ...(row?.named && { named: true }) };
    }
    return undefined;
  };
