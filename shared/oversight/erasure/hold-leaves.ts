import type { HoldSet } from '#events/hold-set.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { Job } from '../job-store.ts';
import { HoldSealed, type HoldState, holdPlace, isReleased, stateOfHold } from './hold.ts';
import { type MarkedLeaf, type Noting, settleLeaf, swapState } from './leaf-once.ts';
import { keyedDigest, openJson, type Sealing } from './sealed-json.ts';

/** What the leaves of holds are put with, and what they are about is forgotten with. */
type HoldNoting = Noting & Pick<Sealing, 'vaultKey'>;

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
    const state = stateOfHold(job);
    const { released } = state;
    return { ...state, ...(released !== undefined && { released: { ...released, leaf } }) };
  },
  leafOf: leafAs('released', ({ released }) => released),
};

/** What is left of whom a hold was about, and why, when it is released. */
export const holdDigest = (
  id: string,
  { what, reason }: HoldSealed,
  sealing: Pick<Sealing, 'vaultKey'>,
): string => keyedDigest({ what, reason }, holdPlace(id), sealing);

/** Forgets whom a hold was about, and why, once its release is on record. */
const forgetReleased = async (parts: HoldNoting, begun: Job): Promise<Job> => {
  let job = begun;
  for (;;) {
    const state = stateOfHold(job);
    const { kind, placed, released } = state;
    if (!('sealed' in state) || released === undefined || !isReleased(state)) return job;
    const opened = openJson(HoldSealed, state.sealed, holdPlace(job.id), parts);
    const { by, order, t, leaf } = released;
    job = await swapState(parts.jobs, job, {
      kind,
      placed,
      digest: holdDigest(job.id, opened, parts),
      released: { by, order, t, leaf },
    } satisfies HoldState);
  }
};

/** Puts on record what was done with a hold, in its order, whoever did it; what is released is forgotten. */
export const settleHold = async (parts: HoldNoting, job: Job): Promise<Job> => {
  const placed = await settleLeaf(parts, job, placedLeaf);
  return forgetReleased(parts, await settleLeaf(parts, placed, releasedLeaf));
};
