import type { SubjectErased } from '#events/subject-erased.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Job, JobStore } from '../job-store.ts';
import type { SubjectIndex } from '../subject-index.ts';
import { claimLease } from './claim.ts';
import { eraseFacts, eraseTags, type Places } from './erase-entries.ts';
import {
  type Erased,
  type Erasing,
  type ErasureState,
  type Noting as NotingState,
  openErasure,
  type Sealed,
  sealErasure,
  stateOfErasure,
  topOf,
} from './erasure-state.ts';
import { type Hold, heldBy, holdEvents, openHold } from './hold.ts';
import { hasPassed, type Passing } from './index-passed.ts';
import { knownEntries } from './known-entries.ts';
import { type MarkedLeaf, type Noting, newMark, settleLeaf, swapState } from './leaf-once.ts';
import { nextRows } from './next-rows.ts';
import type { Sealing } from './sealed-json.ts';

/** What a subject is erased with; `jobs` are the erasures. */
export type ErasingParts = Places &
  Passing &
  Sealing &
  Omit<Noting, 'jobs'> & {
    readonly jobs: Pick<JobStore, 'swap'>;
    readonly holds: Pick<JobStore, 'list'>;
    readonly subjects: Pick<SubjectIndex, 'list' | 'remove'>;
    /** Makes the pseudonyms. */
    readonly subjectKey: SecretKey;
  };

/** A job after a step; `more` says whether another step may do more at once. */
export type Stepped = { readonly job: Job; readonly more: boolean };

/**
 * Milliseconds after an order until the last look: the sequencer looks for what came late until 26 hours
 * after a bucket's end (audit-log.md §3).
 */
export const lastLookAfter = 27 * 3_600_000;

/** Milliseconds that an erasure can be asked about when it is done. */
export const keptDone = 90 * 86_400_000;

const dueAt = ({ asked, round }: Pick<Erasing, 'asked' | 'round'>): number =>
  round === 1 ? asked : asked + lastLookAfter;

const put = async (
  { jobs }: ErasingParts,
  job: Job,
  state: ErasureState,
  until = job.until,
): Promise<Stepped> => ({
  job: await swapState(jobs, { ...job, until }, state),
  more: state.phase !== 'done',
});

const done = (
  parts: ErasingParts,
  job: Job,
  { by, order, asked, n }: Pick<ErasureState, 'by' | 'order' | 'asked' | 'n'>,
): Promise<Stepped> => {
  const time = parts.now();
  return put(parts, job, { phase: 'done', by, order, asked, n, time }, time + keptDone);
};

/** What is claimed is erased: everywhere, and from the subject index last, where a crash finds it again. */
const eraseBatch = async (
  parts: ErasingParts,
  job: Job,
  { claim: _, ...state }: Erasing,
  { subject, at, batch }: Sealed,
): Promise<Stepped> => {
  if (!(await eraseFacts(parts, batch))) return { job, more: false };
  await eraseTags(parts.derived, batch);
  await parts.subjects.remove(batch);
  const sealed = sealErasure(job.id, { subject, at, batch: [] }, parts);
  return put(parts, job, { ...state, n: state.n + batch.length, sealed });
};

/** Claims those of some rows that nothing holds; the others stay where they are, and are counted. */
const claimRows = async (
  parts: ErasingParts,
  job: Job,
  { claim: _, ...state }: Erasing,
  { holds, ...next }: Sealed & { readonly holds: readonly Hold[] },
): Promise<Stepped> => {
  const { subjectKey, now } = parts;
  const known = await knownEntries(parts, next.batch);
  if (known === undefined) return { job, more: false };
  const isHeld = heldBy(holds, subjectKey);
  const batch = next.batch.filter(
    ({ id, tag }, n) => !isHeld({ id, counter: known[n]?.counter ?? '', subjectTag: tag }),
  );
  const { events, left, over } = state.pass;
  const left2 = left + next.batch.length - batch.length;
  return put(parts, job, {
    ...state,
    pass: { events, left: left2, over },
    sealed: sealErasure(job.id, { ...next, batch }, parts),
    ...(batch.length > 0 && { claim: { events: holdEvents(holds), at: now() } }),
  });
};

/** What comes when a pass has seen everything. */
const endPass = async (
  parts: ErasingParts,
  job: Job,
  state: Erasing,
  sealed: Sealed,
): Promise<Stepped> => {
  const { by, order, asked, round, told, n, pass } = state;
  if (pass.left > 0) {
    const again = sealErasure(job.id, { ...sealed, at: topOf(asked) }, parts);
    return put(parts, job, { ...state, pass: { ...pass, over: true }, sealed: again });
  }
  if (round === 2 && n === told) return done(parts, job, state);
  const leaf = newMark(parts);
  const phase = 'noting' as const;
  return put(parts, job, { phase, by, order, asked, round, told, n, sealed: state.sealed, leaf });
};

const stepErasing = async (parts: ErasingParts, job: Job, state: Erasing): Promise<Stepped> => {
  const resting = { job, more: false };
  if (!(await hasPassed(parts, dueAt(state)))) return resting;
  const sealed = openErasure(job.id, state, parts);
  const holds = (await parts.holds.list()).map((one) => openHold(one, parts));
  const events = holdEvents(holds);
  if (state.claim !== undefined) {
    // The holds are read behind the claim: whoever places one from now on finds the claim.
    if (state.claim.events === events) return eraseBatch(parts, job, state, sealed);
    if (parts.now() < state.claim.at + claimLease) return resting;
    return claimRows(parts, job, state, { ...sealed, holds });
  }
  const { pass } = state;
  if (pass.over && pass.events === events) return resting;
  const begun = pass.over ? { ...state, pass: { events, left: 0, over: false } } : state;
  const next = await nextRows(parts, sealed, state.asked);
  if (next === undefined) return endPass(parts, job, begun, sealed);
  return claimRows(parts, job, begun, { ...sealed, ...next, holds });
};

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

const rest = (parts: ErasingParts, job: Job, state: NotingState): Promise<Stepped> => {
  const { by, order, asked, n, sealed } = state;
  return put(parts, job, { phase: 'erased', by, order, asked, n, sealed, time: parts.now() });
};

const lookAgain = async (parts: ErasingParts, job: Job, state: Erased): Promise<Stepped> => {
  const { by, order, asked, n } = state;
  if (!(await hasPassed(parts, dueAt({ asked, round: 2 })))) return { job, more: false };
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
