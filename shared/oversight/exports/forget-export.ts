import type { ObjectRemover } from '../../audit/object-remover.ts';
import type { Clock } from '../../kernel/clock.ts';
import { exportFolder } from './export-parts.ts';
import { advanced, type ExportJob, isGone } from './export-state.ts';

/**
 * Milliseconds after which whoever still worked at an export is gone: no process of ours is at one step of
 * it for so long.
 */
export const workerLease = 900_000;

/**
 * Milliseconds for which the job of an export stands, at the most: by it alone its parts are found, so it
 * goes when they are gone, and not when the store would have forgotten it.
 */
export const keptJob = 100 * 366 * 86_400_000;

/** Whether something of an export is to be forgotten now: its time is over, or it failed. */
export const isToForget = ({ state }: Pick<ExportJob, 'state'>, now: number): boolean => {
  if (!isGone(state)) return state.until <= now;
  const { times, last } = state.removed;
  return times === 0 || (times === 1 && last + workerLease <= now);
};

/**
 * The next step of forgetting an export, to be put when this resolves. First nobody can fetch it, then its
 * parts are removed, and once more when a worker is gone that may have put one since; its job is last,
 * when its reader was told for as long as promised why it failed. Each can be done again. Rejects with
 * `store-unavailable`.
 */
export const forgetExport = async (
  { remover, now }: { readonly remover: ObjectRemover; readonly now: Clock },
  job: ExportJob,
): Promise<ExportJob> => {
  const { state } = job;
  if (!isGone(state)) return advanced(job, { step: 'forgotten' });
  await remover.removeBelow(exportFolder(job.id));
  const last = now();
  const times = state.removed.times + 1;
  const next = advanced(job, { removed: { times, last } });
  return times < 2 ? next : { ...next, until: Math.max(last, state.until) };
};
