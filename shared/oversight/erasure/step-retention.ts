import type { SubjectErased } from '#events/subject-erased.ts';
import { exchangeId } from '../../inquiry/exchange.ts';
import type { Job, JobStore } from '../job-store.ts';
import { claimLease } from './claim.ts';
import { eraseOld } from './erase-old.ts';
import { type ErasingParts, openingOf, type Stepped } from './erasing.ts';
import { claimedOld, findOld } from './find-old.ts';
import { type Hold, heldBy, holdEvents, openHold } from './hold.ts';
import { type MarkedLeaf, newMark, settleLeaf, swapState } from './leaf-once.ts';
import { noClaim, type OldClaim, openOldClaim, sealOldClaim } from './old-claim.ts';
import {
  type RetentionState,
  type Running,
  retentionId,
  runEvery,
  stateOfRetention,
} from './retention-state.ts';
import { claimWatch, inTime, whileClaimed } from './while-claimed.ts';

/** What is past its retention is erased with; `jobs` hold the one retention. */
export type RetentionParts = Omit<ErasingParts, 'jobs' | 'subjects' | 'heads'> & {
  readonly jobs: Pick<JobStore, 'read' | 'swap'>;
  readonly subjects: Pick<ErasingParts['subjects'], 'remove'>;
  /** How long facts and pseudonyms are kept. */
  readonly days: number;
};

/** Milliseconds; a state is written every day. */
const keptFor = 100 * 366 * 86_400_000;

const put = async (
  { jobs, now }: RetentionParts,
  job: Job,
  state: RetentionState,
): Promise<Stepped> => ({
  job: await swapState(jobs, { ...job, until: now() + keptFor }, state),
  more: state.phase !== 'resting',
});

const releasedIn = (holds: readonly Hold[]): number => holds.filter((hold) => !hold.holds).length;

/** A run begins where the last one left off, or where a hold was released since, with the first again. */
const begin = async (
  parts: RetentionParts,
  job: Job,
  { clean: known, released: before }: RetentionState,
  holds: readonly Hold[],
): Promise<Stepped> => {
  const time = parts.now();
  const released = releasedIn(holds);
  const clean = released === before ? known : [];
  return put(parts, job, {
    phase: 'running',
    next: time + runEvery,
    clean,
    released,
    cutoff: time - parts.days * 86_400_000,
    n: 0,
    at: { shard: 0, n: clean[0] ?? 0 },
  });
};

const toNextLog = ({ claim: _, ...state }: Running): Running => {
  const shard = state.at.shard + 1;
  return { ...state, at: { shard, n: state.clean[shard] ?? 0 } };
};

/** Behind a segment; it is clean when nothing young is in it, nor will be, and all before it are. */
const toNextSegment = ({ claim: _, ...state }: Running, isOver: boolean): Running => {
  const { shard, n } = state.at;
  const known = state.clean[shard] ?? 0;
  const clean = Array.from({ length: Math.max(shard + 1, state.clean.length) }, (_none, one) =>
    one === shard && isOver && known === n ? n + 1 : (state.clean[one] ?? 0),
  );
  return { ...state, clean, at: { shard, n: n + 1 } };
};

const endRun = ({ next, clean, released, cutoff, n }: Running, parts: RetentionParts) =>
  n === 0
    ? ({ phase: 'resting', next, clean, released } as const)
    : ({ phase: 'noting', next, clean, released, cutoff, n, leaf: newMark(parts) } as const);

type Claimed = {
  readonly state: Running;
  readonly claimed: OldClaim;
  readonly isOver: ReturnType<typeof claimWatch>;
};

/** What is claimed is erased; while the index does not know it, it waits, and the claim with it. */
const eraseClaimed = async (
  parts: RetentionParts,
  job: Job,
  { state: { claim: _, ...state }, claimed, isOver }: Claimed,
): Promise<Stepped> => {
  const entries = await claimedOld(parts, state.at, claimed);
  if (entries === undefined) return { job, more: false };
  const isErased = await inTime(() => eraseOld(whileClaimed(parts, isOver), entries));
  if (isErased !== true) return { job, more: false };
  const counted = { ...state, n: state.n + entries.length };
  return put(parts, job, claimed.more ? counted : toNextSegment(counted, claimed.isOver));
};

const stepRunning = async (parts: RetentionParts, job: Job, state: Running): Promise<Stepped> => {
  const { at, claim } = state;
  if (at.shard >= parts.shards) return put(parts, job, endRun(state, parts));
  const isOver = claim === undefined ? (): boolean => true : claimWatch(parts, claim);
  const holds = (await parts.holds.list()).map((one) => openHold(one, parts));
  const events = holdEvents(holds);
  const before = claim === undefined ? noClaim : openOldClaim(claim, parts);
  const resting = { job, more: false };
  if (claim !== undefined) {
    // The holds are read behind the claim: whoever places one from now on finds the claim.
    if (claim.events === events) {
      // One that is old is made anew first: from it on others know how long this worker may be at it.
      const renewed = { ...state, claim: { ...claim, at: parts.now() } };
      if (isOver()) return put(parts, job, renewed);
      return eraseClaimed(parts, job, { state, claimed: before, isOver });
    }
    if (parts.now() < claim.at + claimLease) return resting;
  }
  const stores = { ...parts, opening: openingOf(parts) };
  const found = await findOld(stores, { ...state, before }, heldBy(holds, parts.subjectKey));
  if (found === 'none') return claim === undefined ? put(parts, job, toNextLog(state)) : resting;
  const { due } = found;
  if (due.length === 0) return put(parts, job, toNextSegment(state, found.isOver));
  const sealed = sealOldClaim(due, found, parts);
  return put(parts, job, { ...state, claim: { events, at: parts.now(), sealed } });
};

const retentionLeaf = (days: number): MarkedLeaf => ({
  markIn: (job) => {
    const state = stateOfRetention(job);
    return state.phase === 'noting' ? state.leaf : undefined;
  },
  withMark: (job, leaf) => ({ ...stateOfRetention(job), leaf }),
  leafOf: (job, id, t) => {
    const state = stateOfRetention(job);
    return {
      ...({ v: 1, k: 'erase', id, t, by: exchangeId } satisfies Partial<SubjectErased>),
      order: `retention-${days}-days`,
      what: 'retention',
      n: 'n' in state ? state.n : 0,
    };
  },
});

const note = async (parts: RetentionParts, begun: Job): Promise<Stepped> => {
  const job = await settleLeaf(parts, begun, retentionLeaf(parts.days));
  const state = stateOfRetention(job);
  if (state.phase !== 'noting') return { job, more: true };
  const { next, clean, released } = state;
  return put(parts, job, { phase: 'resting', next, clean, released });
};

/** The one retention as it stands; it begins when it is looked at first. */
export const readRetention = async (parts: Pick<RetentionParts, 'jobs' | 'now'>): Promise<Job> => {
  const { jobs, now } = parts;
  const state = { phase: 'resting', next: now(), clean: [], released: 0 } satisfies RetentionState;
  const first = { id: retentionId, version: 0, until: now() + keptFor, state };
  return (await jobs.read(retentionId)) ?? swapState(jobs, first, state);
};

/**
 * One step of the retention, which once a day erases what was asked longer ago than facts are kept and
 * is not held: a segment of a log at a time. Steps are done by whoever comes first, and can be done
 * again. Rejects as `stepErasure` does.
 */
export const stepRetention =
  (parts: RetentionParts) =>
  async (job: Job): Promise<Stepped> => {
    const state = stateOfRetention(job);
    switch (state.phase) {
      case 'resting': {
        if (parts.now() < state.next) return { job, more: false };
        const holds = (await parts.holds.list()).map((one) => openHold(one, parts));
        return begin(parts, job, state, holds);
      }
      case 'running':
        return stepRunning(parts, job, state);
      case 'noting':
        return note(parts, job);
    }
  };
