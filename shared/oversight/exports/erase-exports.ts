import type { ObjectRemover } from '../../audit/object-remover.ts';
import type { InquiryId } from '../../kernel/id.ts';
import type { JobStore } from '../job-store.ts';
import { exportFolder } from './export-parts.ts';
import { advanced, type ExportJob, isGone, toExportJob } from './export-state.ts';

export type ExportErasing = {
  readonly exports: Pick<JobStore, 'list' | 'swap'>;
  readonly remover: ObjectRemover;
};

/** Lets nobody fetch an export any more, whoever works at it. */
const withdraw = async (exports: ExportErasing['exports'], begun: ExportJob): Promise<void> => {
  let job: ExportJob | undefined = begun;
  while (job !== undefined && !isGone(job.state)) {
    const answer = await exports.swap(advanced(job, { step: 'failed', failure: 'erased' }));
    if (answer === 'written') return;
    job = answer.standing === undefined ? undefined : toExportJob(answer.standing);
  }
};

/**
 * Takes away the exports in which facts of these inquiries were opened: when it resolves nobody can fetch
 * them, and nothing of them stands. To be called when the facts themselves are gone: whoever takes an
 * export puts its job before it opens a fact (take-export.ts), so it either finds none any more or is
 * found here. An export without opened facts says nothing of a person that the log does not say, and
 * stays. Rejects with `store-unavailable`, and throws where a job cannot be read, which may be one.
 */
export const eraseExports = async (
  { exports, remover }: ExportErasing,
  ids: readonly InquiryId[],
): Promise<void> => {
  const erased = new Set(ids);
  const jobs = (await exports.list()).map(toExportJob);
  for (const job of jobs) {
    if (!job.state.opened.some((id) => erased.has(id))) continue;
    await withdraw(exports, job);
    await remover.removeBelow(exportFolder(job.id));
  }
};
