import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Query } from '../../audit/export/manifest.ts';
import { checkExport } from '../verify/check-export.ts';
import type { FsckOptions } from '../verify/fsck.ts';
import { WrongUsage } from './failed-input.ts';
import { progressOn, silent } from './progress.ts';
import type { Report } from './show-report.ts';
import { jobs, type Streams } from './verify.ts';
import { openSubject, readAuditor, readPolicyFile } from './verify-input.ts';
import { verifyLog, withThreads } from './verify-log.ts';

/** The options of every command that reads a log from its first leaf to its last. */
export type LogOptions = {
  readonly policy: string;
  readonly participant?: string;
  readonly key?: string;
  readonly signatures: boolean;
  readonly jobs: number;
  readonly unverified?: true;
  readonly json?: true;
};

export const withLogOptions = (command: Command): Command =>
  command
    .requiredOption('--policy <file>', 'whom to believe (C2SP tlog-policy)')
    .option('--participant <id>', 'read entries by URL as this auditor, with --key')
    .option('--key <file>', "the auditor's private JWK")
    .option('--no-signatures', 'do not verify the signatures of counters and agencies')
    .option('--unverified', 'speak of a log that does not verify as well')
    .option('--jobs <n>', 'threads that verify signatures', jobs, availableParallelism())
    .option('--json', 'print one JSON document');

/** What was read of an export: the part of its logs that it holds; undefined for a log. */
export type PartRead = { readonly query: Query; readonly isPart: boolean };

export type WholeReport = Report & { readonly read?: PartRead | undefined };

/**
 * Verifies a log, or an export of one, as `estelam verify` does, and shows `look` every entry on the
 * way. What it says may be told only when the report has no failure.
 */
export const readWholeLog = async (
  what: string,
  options: LogOptions,
  { err }: Pick<Streams, 'err'>,
  look: NonNullable<FsckOptions['look']>,
): Promise<WholeReport> => {
  const policy = await readPolicyFile(options.policy);
  const subject = await openSubject(what, await readAuditor(options.participant, options.key));
  const settings = {
    policy,
    depth: options.signatures ? 'all' : 'form',
    jobs: options.jobs,
    progress: options.json === true ? silent : progressOn(err, 'Reading'),
  } as const;
  if (subject.kind === 'log') {
    const wanted = { previous: [], receipts: [], look };
    const { checks, findings, notes } = await verifyLog(subject.reader, settings, wanted);
    return { what, checks, findings, notes };
  }
  if (subject.kind !== 'export') {
    throw new WrongUsage(`${what}: it is neither a log nor an export of one.`);
  }
  const { source } = subject;
  const { depth, progress } = settings;
  const report = await withThreads(settings, (startJudge) =>
    checkExport({ source, policy, depth, startJudge, progress: progress.at, look }),
  );
  const { query, isPart, ...rest } = report;
  return { what, ...rest, ...(query !== undefined && { read: { query, isPart } }) };
};
