import * as z from 'zod';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Job, JobStore } from '../job-store.ts';
import { Order } from '../order.ts';
import { isSeen } from './claim.ts';
import {
  Held,
  HoldReason,
  HoldSealed,
  type HoldState,
  holdPlace,
  openHold,
  releasePlace,
  stateOfHold,
} from './hold.ts';
import { holdDigest, settleHold } from './hold-leaves.ts';
import { type Noting, newMark, swapState } from './leaf-once.ts';
import { openJson, type Sealing, sealJson } from './sealed-json.ts';

/** A hold that is to be placed; its id is made by whoever asks, so that it can be asked again. */
export const HoldOrder = z.strictObject({
  id: InquiryId,
  order: Order,
  reason: HoldReason,
  what: Held,
});
export type HoldOrder = z.infer<typeof HoldOrder>;

/** The end of a hold. */
export const ReleaseOrder = z.strictObject({ order: Order, reason: HoldReason });
export type ReleaseOrder = z.infer<typeof ReleaseOrder>;

/** What holds are placed and released with; `jobs` are the holds. */
export type HoldParts = Omit<Noting, 'jobs'> &
  Sealing & {
    readonly jobs: JobStore;
    /** What erases: its claims are looked at. */
    readonly erasing: readonly Pick<JobStore, 'list'>[];
  };

/** The end of year 9999: that there was a hold is never forgotten, not even when it is released. */
const forEver = 253_402_300_799_000;

const conflict = (said: string): Problem => new Problem('reference-conflict', said);

const isSame = (
  { state: standing, id }: { readonly state: HoldState; readonly id: string },
  { order, reason, what }: HoldOrder,
  by: string,
  sealing: Sealing,
): boolean => {
  if (standing.placed.by !== by || standing.placed.order !== order) return false;
  if ('digest' in standing) return standing.digest === holdDigest(id, { what, reason }, sealing);
  const opened = openJson(HoldSealed, standing.sealed, holdPlace(id), sealing);
  return canonicalJson(opened) === canonicalJson({ what, reason });
};

/**
 * Places a hold: it holds once this resolves, and its leaf is on record then. `seen` says whether every
 * erasure sees it: where it is false, one that was under way may still finish what it is at, and whoever
 * asks again learns when that is over. Asking again for the same changes nothing; the problem
 * `reference-conflict` for another hold under the same id. Rejects with `store-unavailable`: it may hold
 * or not, and asked again it does.
 */
export const placeHold =
  (parts: HoldParts) =>
  async (asked: HoldOrder, by: string): Promise<{ readonly job: Job; readonly seen: boolean }> => {
    const { jobs, erasing, now } = parts;
    const { id, order, reason, what } = asked;
    const state = {
      kind: what.kind,
      sealed: sealJson({ what, reason }, holdPlace(id), parts),
      placed: { by, order, t: now(), leaf: newMark(parts) },
    } satisfies HoldState;
    const standing = await swapState(jobs, { id, version: 0, until: forEver, state }, state);
    if (!isSame({ state: stateOfHold(standing), id }, asked, by, parts)) {
      throw conflict('Another hold stands under this id.');
    }
    const job = await settleHold(parts, standing);
    const holds = (await jobs.list()).map((one) => openHold(one, parts));
    const under = await Promise.all(erasing.map((one) => one.list()));
    return { job, seen: isSeen(holds, under.flat()) };
  };

/**
 * Releases a hold: what it held may be erased once its leaf is on record, which it is when this
 * resolves; then nobody here knows any more whom it was about, or why. Releasing it again under the same
 * order changes nothing. Throws `not-found`, and
 * `reference-conflict` where it is released under another order.
 */
export const releaseHold =
  (parts: HoldParts) =>
  async (id: string, { order, reason }: ReleaseOrder, by: string): Promise<Job> => {
    const { jobs, now } = parts;
    let job = await jobs.read(id);
    if (job === undefined) throw new Problem('not-found', 'There is no hold of this id.');
    while (stateOfHold(job).released === undefined) {
      const sealed = sealJson({ reason }, releasePlace(id), parts);
      const released = { by, order, t: now(), leaf: newMark(parts), sealed };
      job = await swapState(jobs, job, { ...stateOfHold(job), released });
    }
    const { released } = stateOfHold(job);
    if (released?.order !== order || released.by !== by) {
      throw conflict('It is released already, by somebody else or under another order.');
    }
    return settleHold(parts, job);
  };
