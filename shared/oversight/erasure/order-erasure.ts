import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import { TypedSubject } from '../../persian/subject-input.ts';
import type { Job, JobStore } from '../job-store.ts';
import { Order } from '../order.ts';
import { taggedSubject } from '../tags.ts';
import {
  type ErasureState,
  erasureDigest,
  openErasure,
  sealErasure,
  stateOfErasure,
  topOf,
} from './erasure-state.ts';
import { isSubjectHeld, openHold } from './hold.ts';
import { swapState } from './leaf-once.ts';
import type { Sealing } from './sealed-json.ts';

/** A subject that is to be erased; the id is made by whoever asks, so that it can be asked again. */
export const ErasureOrder = z.strictObject({
  id: InquiryId,
  subject: TypedSubject,
  order: Order,
});
export type ErasureOrder = z.infer<typeof ErasureOrder>;

export type OrderingParts = Sealing & {
  readonly erasures: Pick<JobStore, 'read' | 'swap'>;
  readonly holds: Pick<JobStore, 'list'>;
  readonly now: () => number;
};

/** Milliseconds that an erasure is kept which is not done: longer than any hold may delay it. */
const keptOpen = 100 * 366 * 86_400_000;

/** Once it is done nobody knows whom it was about: then a digest tells another from it. */
const isSame = (
  job: Job,
  { subject, order }: ErasureOrder,
  by: string,
  sealing: Sealing,
): boolean => {
  const state = stateOfErasure(job);
  if (state.by !== by || state.order !== order) return false;
  if (state.phase === 'done') {
    const { digest } = state;
    return digest === undefined || digest === erasureDigest(job.id, subject, sealing);
  }
  const [standing, asked] = [openErasure(job.id, state, sealing).subject, subject].map(
    taggedSubject,
  );
  return standing?.type === asked?.type && standing?.value === asked?.value;
};

const begin = async (
  parts: OrderingParts,
  { id, subject, order }: ErasureOrder,
  by: string,
): Promise<Job> => {
  const { erasures, holds, now } = parts;
  const held = (await holds.list()).map((job) => openHold(job, parts));
  if (isSubjectHeld(held, subject)) {
    throw new Problem('legal-hold', 'It is held: release the hold first, under its own order.');
  }
  const t = now();
  const state = {
    phase: 'erasing',
    round: 1,
    by,
    order,
    asked: t,
    n: 0,
    told: 0,
    pass: { events: 0, left: 0, over: false },
    sealed: sealErasure(id, { subject, at: topOf(t), batch: [] }, parts),
  } satisfies ErasureState;
  return swapState(erasures, { id, version: 0, until: t + keptOpen, state }, state);
};

/**
 * Takes the order to erase a subject: whatever is known of it by now will be gone. It is done by the
 * clock. Asking again changes nothing. Throws `legal-hold` where the subject is held as such, and
 * `reference-conflict` where the id is another erasure's. Rejects with `store-unavailable`: it may be
 * taken or not, and asked again it is.
 */
export const orderErasure =
  (parts: OrderingParts) =>
  async (asked: ErasureOrder, by: string): Promise<Job> => {
    const standing = (await parts.erasures.read(asked.id)) ?? (await begin(parts, asked, by));
    if (!isSame(standing, asked, by, parts)) {
      throw new Problem('reference-conflict', 'Another erasure stands under this id.');
    }
    return standing;
  };
