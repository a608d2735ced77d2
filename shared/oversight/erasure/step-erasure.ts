import type { SubjectErased } from '#events/subject-erased.ts';
import type { Job } from '../job-store.ts';
import { endOfIds } from './asked-before.ts';
import { done, dueAt, type ErasingParts, put, type Stepped } from './erasing.ts';
import {
  type Erased,
  type Noting,
  openErasure,
  sealErasure,
  stateOfErasure,
  topOf,
} from './erasure-state.ts';
import { endsOfLastLook, hasPassed, knowsUntil } from './index-passed.ts';
import { type MarkedLeaf, settleLeaf } from './leaf-once.ts';
import { stepErasing } from './step-erasing.ts';

const erasureLeaf: MarkedLeaf = {
  markIn: (job) => {
    const state = stateOfErasure(job);
    return state.phase === 'noting' ? state.leaf : undefined;
  },
  withMark: (job, leaf) => ({ ...stateOfErasure(job), leaf }),
  leafOf: (job, id, t) => {
    const { by, order, n, ...rest } = stateOfErasure(job);
    const told = 'told' in rest ? rest.told : 0;
    const what = 'subject';
    return { v: 1, k: 'erase', id, t, by, order, what, n: n - told } satisfies SubjectErased;
  },
};

/** Puts the erasure on record, and goes on where its leaf stands. */
const note = async (parts: ErasingParts, begun: Job): Promise<Stepped> => {
  const job = await settleLeaf(parts, begun, erasureLeaf);
  const state = stateOfErasure(job);
  if (state.phase !== 'noting') return { job, more: true };
  return state.round === 2 ? done(parts, job, state) : rest(parts, job, state);
};

const rest = (parts: ErasingParts, job: Job, state: Noting): Promise<Stepped> => {
  const { by, order, asked, n, sealed } = state;
  return put(parts, job, { phase: 'erased', by, order, asked, n, sealed, time: parts.now() });
};

const lookAgain = async (parts: ErasingParts, job: Job, state: Erased): Promise<Stepped> => {
  const { by, order, asked, n } = state;
  const resting = { job, more: false };
  if (!(await hasPassed(parts, dueAt({ asked, round: 2 })))) return resting;
  if (state.ends === undefined) {
    const ends = await endsOfLastLook(parts, endOfIds(asked));
    return ends === undefined ? resting : put(parts, job, { ...state, ends });
  }
  if (!(await knowsUntil(parts, state.ends))) return resting;
  const { subject } = openErasure(job.id, state, parts);
  const sealed = sealErasure(job.id, { subject, at: topOf(asked), batch: [] }, parts);
  const pass = { events: 0, left: 0, over: false };
  return put(parts, job, {
    phase: 'erasing',
    round: 2,
    by,
    order,
    asked,
    n,
    told: n,
    pass,
    sealed,
  });
};

/**
 * One step of an erasure: each is small, can be done again, and is done by whoever comes first. Rejects
 * with `store-unavailable`, with `VaultInvalid` and `IndexInvalid` for objects that cannot be read, and
 * then nothing is taken for erased that is not.
 */
export const stepErasure =
  (parts: ErasingParts) =>
  async (job: Job): Promise<Stepped> => {
    const state = stateOfErasure(job);
    switch (state.phase) {
      case 'erasing':
        return stepErasing(parts, job, state);
      case 'noting':
        return note(parts, job);
      case 'erased':
        return lookAgain(parts, job, state);
      case 'done':
        return { job, more: false };
    }
  };
