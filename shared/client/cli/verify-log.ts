import type { Policy } from '../../audit/tlog/policy.ts';
import type { ReadReceipt } from '../verify/check-receipt.ts';
import { type FsckOptions, type FsckReport, fsck } from '../verify/fsck.ts';
import type { LogReader } from '../verify/log-reader.ts';
import { type JudgePool, judgePool } from './judge-pool.ts';
import type { Progress } from './progress.ts';

/** Earlier checkpoints, each under the name it is reported by. */
export type Earlier = { readonly name: string; readonly bytes: Uint8Array };

/** How to verify: the policy and what the options say. */
export type Settings = {
  readonly policy: Policy;
  readonly depth: FsckOptions['depth'];
  readonly jobs: number;
  readonly progress: Progress;
};

/** What is looked for in a log. */
export type Wanted = {
  readonly previous: readonly Earlier[];
  readonly receipts: readonly ReadReceipt[];
  readonly keys?: FsckOptions['keys'];
};

/** Leaves below which starting a thread takes longer than it saves. */
const worthThreads = 1024;

/** Verifies a log, with threads when it is long enough. */
export const verifyLog = async (
  reader: LogReader,
  { policy, depth, jobs, progress }: Settings,
  { previous, receipts, keys }: Wanted,
): Promise<FsckReport> => {
  await using owned = new AsyncDisposableStack();
  try {
    return await fsck({
      reader,
      policy,
      previous,
      receipts,
      depth,
      ...(keys !== undefined && { keys }),
      progress: progress.at,
      startJudge: (judgeSettings, leaves): JudgePool | undefined =>
        depth === 'hashes' || leaves < worthThreads
          ? undefined
          : owned.use(judgePool(jobs, judgeSettings)),
    });
  } finally {
    progress.end();
  }
};
