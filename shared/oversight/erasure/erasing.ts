import type { JournalStore } from '../../audit/ports.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Opening } from '../entries/open-bundle.ts';
import type { ExportErasing } from '../exports/erase-exports.ts';
import type { ServiceInputs } from '../feeding/service-inputs.ts';
import type { SubjectIndex } from '../feeding/subject-index.ts';
import type { Job, JobStore } from '../job-store.ts';
import { endOfIds } from './asked-before.ts';
import type { Places } from './erase-entries.ts';
import {
  type Erasing,
  type ErasureState,
  erasureDigest,
  type Noting,
  openErasure,
} from './erasure-state.ts';
import type { Passing } from './index-passed.ts';
import { type Noting as LeafNoting, swapState } from './leaf-once.ts';
import type { Sealing } from './sealed-json.ts';
import type { Watch } from './while-claimed.ts';

/** What a subject is erased with; `jobs` are the erasures. */
export type ErasingParts = Places &
  Passing &
  ExportErasing &
  Sealing &
  Omit<LeafNoting, 'jobs'> & {
    readonly jobs: Pick<JobStore, 'swap'>;
    readonly holds: Pick<JobStore, 'list'>;
    readonly subjects: Pick<SubjectIndex, 'list' | 'remove'>;
    readonly journal: Pick<JournalStore, 'list' | 'read'>;
    /** Makes the pseudonyms. */
    readonly subjectKey: SecretKey;
    readonly inputs: ServiceInputs;
    readonly steady: Watch['steady'];
  };

/** What the disclosures of what is erased are opened with before: they say whom it names. */
export const openingOf = ({
  derived,
  journal,
  inputs,
  layout,
  vaultKey,
  subjectKey,
}: Pick<
  ErasingParts,
  'derived' | 'inputs' | 'journal' | 'layout' | 'subjectKey' | 'vaultKey'
>): Opening => ({ derived, journal, inputs, settings: { layout, vaultKey, subjectKey } });

/** A job after a step; `more` says whether another step may do more at once. */
export type Stepped = { readonly job: Job; readonly more: boolean };

/**
 * Milliseconds after an order until the last look: the sequencer looks for what came late until 26 hours
 * after a bucket's end (audit-log.md §3).
 */
export const lastLookAfter = 27 * 3_600_000;

/** Milliseconds that an erasure can be asked about when it is done. */
export const keptDone = 90 * 86_400_000;

/** The time that the index must have passed. */
export const dueAt = ({ asked, round }: Pick<Erasing, 'asked' | 'round'>): number =>
  endOfIds(round === 1 ? asked : asked + lastLookAfter);

/** Puts the next state of an erasure. */
export const put = async (
  { jobs }: ErasingParts,
  job: Job,
  state: ErasureState,
  until = job.until,
): Promise<Stepped> => ({
  job: await swapState(jobs, { ...job, until }, state),
  more: state.phase !== 'done',
});

/** The end of an erasure: nothing of whom it was about stays but what tells another from it. */
export const done = (
  parts: ErasingParts,
  job: Job,
  { by, order, asked, n, sealed }: Erasing | Noting,
): Promise<Stepped> => {
  const time = parts.now();
  const digest = erasureDigest(job.id, openErasure(job.id, { sealed }, parts).subject, parts);
  return put(parts, job, { phase: 'done', by, order, asked, n, time, digest }, time + keptDone);
};
