import { type AccessDisputed, accessDisputedVersion } from '#events/access-disputed.ts';
import { addressOf } from '../../audit/address.ts';
import { packRecord, unpackRecord } from '../../audit/pack.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { type InquiryId, newId, timeOf } from '../../kernel/id.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import { type ChangeRecording, recordable } from '../../registry/record-change.ts';
import type { ProvinceThen } from '../feeding/province-then.ts';
import type { TaggedSubject } from '../tags.ts';
import type { Dispute, DisputeMark, DisputeStore, Ground } from './dispute-store.ts';
import { findOwn, type OwnInquiries } from './own-inquiries.ts';

/** What disputes are taken with. */
export type DisputeParts = {
  readonly recording: ChangeRecording;
  readonly disputes: DisputeStore;
  readonly own: OwnInquiries;
  readonly provinceThen: ProvinceThen;
};

/** What a dispute came to. */
export type DisputeResult = {
  /** The id of its leaf. */
  readonly id: InquiryId;
  readonly inquiry: InquiryId;
  /** As it was said the first time. */
  readonly ground: Ground;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Whether it was on record before it was sent this time. */
  readonly repeated: boolean;
};

/** The text of the leaf: which inquiry, and why; not who says so. */
const leafOf = ({ leaf, inquiry, ground }: DisputeMark): string =>
  canonicalJson({
    v: accessDisputedVersion,
    k: 'dispute',
    id: leaf,
    t: timeOf(leaf),
    inquiry,
    ground,
  } satisfies AccessDisputed);

/** What stands behind a swap, whoever made it. */
const swap = async (
  { disputes }: DisputeParts,
  expected: DisputeMark | undefined,
  next: DisputeMark,
): Promise<DisputeMark> => {
  const answer = await disputes.compareAndSwap(expected, next);
  if (answer === 'written') return next;
  if (answer.standing === undefined) throw new Error('The mark of a dispute is gone.');
  return answer.standing;
};

/** Puts the leaf of a mark on record unless it is; false when the time of its id is over and it is not. */
const record = async (
  { recording: { journal, layout, now } }: DisputeParts,
  mark: DisputeMark,
): Promise<boolean> => {
  const address = addressOf(mark.leaf, layout);
  if (now() - timeOf(mark.leaf) > recordable) {
    return (await journal.read(address)).record !== undefined;
  }
  const text = leafOf(mark);
  const standing = await journal.putRecord(address, { record: packRecord(text) });
  // Another version of this program may pack the same text into other bytes.
  if (standing !== 'written' && unpackRecord(standing.record) !== text) {
    throw new Error('Another record stands under the id of a dispute.');
  }
  return true;
};

const plainly = ({ recorded: _, ...dispute }: DisputeMark): Dispute => dispute;

/** Finishes what stands, whoever began it: the leaf on record, then listed, then the mark that says so. */
const settle = async (parts: DisputeParts, begun: DisputeMark): Promise<DisputeMark> => {
  const { disputes, recording } = parts;
  let mark = begun;
  while (!mark.recorded) {
    const isOnRecord = await record(parts, mark);
    if (isOnRecord) {
      await disputes.publish(plainly(mark));
    }
    const next = isOnRecord
      ? { ...mark, recorded: true }
      : { ...mark, leaf: newId(recording.now(), recording.random) };
    mark = await swap(parts, mark, next);
  }
  return mark;
};

/**
 * "I do not recognise this": puts on record that the person whom an inquiry was about, or one whom it
 * named, disputes it: each of the two once.
 * The mark comes first and has the id of the leaf, then the leaf goes into the journal, then it is listed
 * for those who audit; what is broken off is finished by the next try. `not-found` for an inquiry that
 * is not about this person, or of which it is not to know yet; sent again, what was said first is told.
 * Rejects with `store-unavailable`: it may be on record or not, and sent again it is told.
 */
export const disputeAccess =
  (parts: DisputeParts) =>
  async (person: TaggedSubject, inquiry: InquiryId, ground: Ground): Promise<DisputeResult> => {
    const { recording, own, provinceThen } = parts;
    const about = await findOwn(own)(person, inquiry);
    if (about === undefined) {
      throw new Problem('not-found', 'No inquiry about you is known under this id.');
    }
    const { counter, agency, service } = about.said;
    const province = await provinceThen(counter, timeOf(inquiry));
    const begun: DisputeMark = {
      inquiry,
      leaf: newId(recording.now(), recording.random),
      ground,
      counter,
      agency,
      service,
      ...(province !== undefined && { province }),
      ...(about.named && { named: true }),
      recorded: false,
    };
    const standing = await swap(parts, undefined, begun);
    const { leaf, ground: said } = await settle(parts, standing);
    return {
      id: leaf,
      inquiry,
      ground: said,
      at: toRfc3339(timeOf(leaf)),
      repeated: standing.recorded,
    };
  };
