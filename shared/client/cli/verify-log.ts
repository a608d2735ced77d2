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
  /** Whether a gap that cannot be filled any more is a failure. */
  readonly complete?: boolean | undefined;
};

/** What is looked for in a log. */
export type Wanted = {
  readonly previous: readonly Earlier[];
  readonly receipts: readonly ReadReceipt[];
  readonly keys?: FsckOptions['keys'];
  readonly look?: FsckOptions['look'] | undefined;
};

/** Leaves below which starting a thread takes longer than it saves. */
const worthThreads = 1024;

/** Runs a verification with threads for what is long enough, and ends them with it. */
export const withThreads = async <Report>(
  { depth, jobs, progress }: Omit<Settings, 'policy'>,
  verify: (startJudge: NonNullable<FsckOptions['startJudge']>) => Promise<Report>,
): Promise<Report> => {
  await using owned = new AsyncDisposableStack();
  try {
    return await verify((judgeSettings, leaves): JudgePool | undefined =>
      depth === 'hashes' || leaves < worthThreads
        ? undefined
        : owned.use(judgePool(jobs, judgeSettings)),
    );
  } finally {
    progress.end();
  }
};

/** Verifies a log, with threads when it is long enough. */
export const verifyLog = (
  reader: LogReader,
  settings: Settings,
  { previous, receipts, keys, look }: Wanted,
): Promise<FsckReport> =>
  withThreads(settings, (startJudge) =>
    fsck({
      reader,
      policy: settings.policy,
      previous,
      receipts,
      depth: settings.depth,
      complete: settings.complete,
      ...(keys !== undefined && { keys }),
      ...(look !== undefined && { look }),
      progress: settings.progress.at,
      startJudge,
    }),
  );
