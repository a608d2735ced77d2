import type { Clock } from '../../kernel/clock.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { JobStore } from '../job-store.ts';
import { type ExportJob, isOpen, readableJobs } from './export-state.ts';
import { isToForget } from './forget-export.ts';
import {
  classOf,
  inTurns,
  leavePlaces,
  listOpen,
  noTurns,
  type OpenExport,
  type OpenExports,
  restorePlaces,
} from './open-exports.ts';

/** Milliseconds between looks at all jobs: those that are kept, too. */
export const lookPace = 600_000;

/** Milliseconds for which a place is kept for an export that is not taken yet. */
export const placeTime = 1_800_000;

export type ExportQueue = {
  /** The job that is to be worked at next: to be made, or to be forgotten. */
  readonly next: () => Promise<ExportJob | undefined>;
  /** To be told of the state of a job that was put. */
  readonly settled: (job: ExportJob) => Promise<void>;
};

/**
 * Which export is worked at next: those that are open in turns (`inTurns`), and between them those that are
 * to be forgotten. Open ones are found by their places, and all jobs are looked at now and then only: by
 * that an open one without a place gets it back, and what is to be forgotten is found.
 */
export const exportQueue = ({
  jobs,
  openExports,
  now,
}: {
  readonly jobs: Pick<JobStore, 'read' | 'list'>;
  readonly openExports: OpenExports;
  readonly now: Clock;
}): ExportQueue => {
  let turns = noTurns;
  let looked = Number.NEGATIVE_INFINITY;
  let forgetting: readonly InquiryId[] = [];
  let isForgetting = false;

  const look = async (): Promise<void> => {
    const time = now();
    if (time - looked < lookPace) return;
    const all = readableJobs(await jobs.list());
    const due = all.filter((job) => isToForget(job, time));
    const open = all.filter((job) => isOpen(job.state) && !isToForget(job, time));
    await restorePlaces(
      openExports,
      open.map(({ id, state }) => ({ id, by: state.by })),
      time,
    );
    forgetting = due.map(({ id }) => id);
    looked = time;
  };

  const readJob = async (id: InquiryId): Promise<ExportJob | undefined> => {
    const job = await jobs.read(id);
    return job === undefined ? undefined : readableJobs([job])[0];
  };

  const nextToForget = async (): Promise<ExportJob | undefined> => {
    for (let [id] = forgetting; id !== undefined; [id] = forgetting) {
      // Before it is tried: one that cannot be forgotten now is found again, and keeps none waiting.
      forgetting = forgetting.slice(1);
      const job = await readJob(id);
      if (job !== undefined && isToForget(job, now())) return job;
    }
    return undefined;
  };

  const isAwaited = ({ since }: OpenExport, job: ExportJob | undefined): boolean =>
    (job === undefined || job.state.step === 'plan') && now() - since < placeTime;

  const nextToMake = async (): Promise<ExportJob | undefined> => {
    for (const one of inTurns(await listOpen(openExports), turns)) {
      const job = await readJob(one.id);
      if (job !== undefined && isOpen(job.state)) {
        const served = classOf(one.by);
        turns = { ...turns, served, [served]: one.id };
        return job;
      }
      if (isAwaited(one, job)) continue;
      // It failed in other hands, as where a person was erased: what it left goes at once.
      if (job !== undefined && isToForget(job, now())) forgetting = [...forgetting, job.id];
      await leavePlaces(openExports, [one.id], now());
    }
    return undefined;
  };

  return {
    next: async () => {
      await look();
      isForgetting = !isForgetting;
      return isForgetting
        ? ((await nextToForget()) ?? nextToMake())
        : ((await nextToMake()) ?? nextToForget());
    },
    settled: async (job) => {
      if (isToForget(job, now())) forgetting = [...forgetting, job.id];
      if (!isOpen(job.state)) await leavePlaces(openExports, [job.id], now());
    },
  };
};
