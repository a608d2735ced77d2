import type { HoldSet } from '#events/hold-set.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { Job } from '../job-store.ts';
import { type HoldState, stateOfHold } from './hold.ts';
import { type MarkedLeaf, type Noting, settleLeaf } from './leaf-once.ts';

const leafAs =
  (what: HoldSet['what'], actOf: (state: HoldState) => HoldState['placed'] | undefined) =>
  (job: Job, id: InquiryId, t: number): HoldSet => {
    const state = stateOfHold(job);
    const act = actOf(state);
    if (act === undefined) throw new Error('Nobody did what the leaf of a hold is to say.');
    return { v: 1, k: 'hold', id, t, by: act.by, order: act.order, what, kind: state.kind };
  };

const placedLeaf: MarkedLeaf = {
  markIn: (job) => stateOfHold(job).placed.leaf,
  withMark: (job, leaf) => {
    const state = stateOfHold(job);
    return { ...state, placed: { ...state.placed, leaf } };
  },
  leafOf: leafAs('placed', ({ placed }) => placed),
};

const releasedLeaf: MarkedLeaf = {
  markIn: (job) => stateOfHold(job).released?.leaf,
  withMark: (job, leaf) => {
    const { released, ...state } = stateOfHold(job);
    return { ...state, ...(released !== undefined && { released: { ...released, leaf } }) };
  },
  leafOf: leafAs('released', ({ released }) => released),
};

/** Puts on record what was done with a hold, in its order, whoever did it. */
export const settleHold = async (noting: Noting, job: Job): Promise<Job> =>
  settleLeaf(noting, await settleLeaf(noting, job, placedLeaf), releasedLeaf);
