import type { Clock } from '../../kernel/clock.ts';
import type { Job, JobStore } from '../job-store.ts';
import type { ErasingParts, Stepped } from './erasing.ts';
import { stateOfErasure } from './erasure-state.ts';
import { settleHold } from './hold-leaves.ts';
import { stateOfRetention } from './retention-state.ts';
import { stepErasure } from './step-erasure.ts';
import { type RetentionParts, readRetention, stepRetention } from './step-retention.ts';

/** What erases by the clock. */
export type RunningParts = Omit<ErasingParts, 'jobs' | 'holds' | 'journal'> &
  Omit<RetentionParts, 'jobs' | 'holds'> & {
    readonly holds: Pick<JobStore, 'list' | 'swap'>;
    readonly erasures: Pick<JobStore, 'list' | 'swap'>;
    readonly retention: RetentionParts['jobs'];
  };

/** What stops one of them and not the others. */
export type Failed = (error: unknown, what: { readonly job: string }) => void;

/** How things stand after a run. */
export type Ran = {
  /** Erasures that are ordered and not done as far as they can be. */
  readonly open: number;
  /** When the oldest of those was ordered that no hold delays, in milliseconds since 1970. */
  readonly oldest: number | undefined;
  /** When the retention is due next, or was. */
  readonly due: number;
  /** Whether the time was up before all that can be done now was done. */
  readonly more: boolean;
};

/** Does the steps of a job while there are more, and time is left. */
const walk = async (
  begun: Job,
  step: (job: Job) => Promise<Stepped>,
  isOver: () => boolean,
): Promise<Stepped> => {
  let stepped: Stepped = { job: begun, more: true };
  while (stepped.more && !isOver()) stepped = await step(stepped.job);
  return stepped;
};

/** Does the work on a job; what it fails of is told, and the job stands as it was known before. */
const attempting =
  (failed: Failed) =>
  async (job: Job, work: () => Promise<Stepped>): Promise<Stepped> => {
    try {
      return await work();
    } catch (error) {
      failed(error, { job: job.id });
      return { job, more: false };
    }
  };

const isOpen = ({ job }: Stepped): boolean => {
  const { phase } = stateOfErasure(job);
  return phase === 'erasing' || phase === 'noting';
};

const isDelayed = ({ job }: Stepped): boolean => {
  const state = stateOfErasure(job);
  return state.phase === 'erasing' && state.pass.over;
};

/**
 * Goes on with every erasure, and with the retention, until `until` or until nothing more can be done
 * now; finishes the leaves of holds whose process died. What one of them fails of is told, and tried again
 * the next time. Any number of processes may run it at once. Rejects with `store-unavailable` where it
 * is not known what there is to do.
 */
export const runErasures =
  (parts: RunningParts, { now, failed }: { readonly now: Clock; readonly failed: Failed }) =>
  async (until: number): Promise<Ran> => {
    const isOver = (): boolean => now() >= until;
    const attempt = attempting(failed);
    for (const hold of await parts.holds.list()) {
      await attempt(hold, async () => ({
        job: await settleHold({ ...parts, jobs: parts.holds }, hold),
        more: false,
      }));
    }
    const step = stepErasure({ ...parts, jobs: parts.erasures });
    const stepped: Stepped[] = [];
    for (const job of await parts.erasures.list()) {
      stepped.push(await attempt(job, () => walk(job, step, isOver)));
    }
    const retaining = { ...parts, jobs: parts.retention };
    const standing = await readRetention(retaining);
    const retention = await attempt(standing, () =>
      walk(standing, stepRetention(retaining), isOver),
    );
    const left = stepped.filter(isOpen);
    const asked = left.filter((one) => !isDelayed(one)).map(({ job }) => stateOfErasure(job).asked);
    return {
      open: left.length,
      oldest: asked.length === 0 ? undefined : Math.min(...asked),
      due: stateOfRetention(retention.job).next,
      more: [...stepped, retention].some(({ more }) => more),
    };
  };
