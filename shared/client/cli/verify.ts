import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { failed, worstOf } from '../verify/failure.ts';
import { LogUnreadable } from '../verify/log-reader.ts';
import { exitCodeHelp, exitCodeOf, usageCode } from './exit-codes.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { printable } from './printable.ts';
import type { Stream } from './printing.ts';
import { progressOn, silent } from './progress.ts';
import { type Report, reportJson, reportText } from './show-report.ts';
import {
  openLog,
  openSubject,
  readAuditor,
  readCheckpointFile,
  readEntryFile,
  readPolicyFile,
  readReceiptFile,
} from './verify-input.ts';
import type { Settings } from './verify-log.ts';
import { verifySubject } from './verify-subject.ts';

type Options = {
  readonly policy: string;
  readonly receipt?: readonly string[];
  readonly previous?: readonly string[];
  readonly entry?: string;
  readonly keys?: string;
  readonly participant?: string;
  readonly key?: string;
  readonly signatures: boolean;
  readonly hashesOnly?: true;
  readonly complete?: true;
  readonly jobs: number;
  readonly json?: true;
};

/** Where a command writes; colours and bars are for terminals. */
export type Streams = {
  readonly out: Stream;
  readonly err: Stream;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

export const jobs = (text: string): number => {
  const many = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (many < 1 || many > 256) throw new InvalidArgumentError('It must be a number from 1 to 256.');
  return many;
};

const depthOf = ({ hashesOnly, signatures }: Options): Settings['depth'] => {
  if (hashesOnly === true) return 'hashes';
  return signatures ? 'all' : 'form';
};

const verify = async (what: string, options: Options, { err }: Streams): Promise<Report> => {
  if (options.complete === true && options.hashesOnly === true) {
    throw new WrongUsage('--complete needs the entries, which --hashes-only does not read.');
  }
  const policy = await readPolicyFile(options.policy);
  const auditor = await readAuditor(options.participant, options.key);
  const receipts = await Promise.all((options.receipt ?? []).map(readReceiptFile));
  const previous = await Promise.all(
    (options.previous ?? []).map(async (path) => ({
      name: `earlier checkpoint ${path}`,
      bytes: await readCheckpointFile(path),
    })),
  );
  const entry = options.entry === undefined ? undefined : await readEntryFile(options.entry);
  const keys = options.keys === undefined ? undefined : await openLog(options.keys, auditor);
  if (options.keys !== undefined && keys === undefined) {
    throw new WrongUsage('--keys names a log: its URL or its folder.');
  }
  const subject = await openSubject(what, auditor);
  const progress = options.json === true ? silent : progressOn(err);
  const { jobs: many, complete } = options;
  const settings = { policy, depth: depthOf(options), jobs: many, progress, complete };
  const beside = { receipts, previous, entry, keys };
  return { what, ...(await verifySubject(subject, beside, settings)) };
};

/** What went wrong before there was anything to report, as a report. */
const reportOf = (what: string, error: unknown): Report => {
  const nothing = { what, findings: [], notes: [] };
  if (error instanceof FailedInput) {
    return { ...nothing, checks: [failed('input', error.failure, error.message)] };
  }
  if (error instanceof LogUnreadable) {
    return { ...nothing, checks: [failed('input', 'unreadable', error.message)] };
  }
  throw error;
};

const run = async (what: string, options: Options, streams: Streams): Promise<number> => {
  const { out, err, environment } = streams;
  const colours = out.isTTY === true && (environment['NO_COLOR'] ?? '') === '';
  try {
    const report = await verify(what, options, streams).catch((error: unknown) =>
      reportOf(what, error),
    );
    out.write(options.json === true ? reportJson(report) : reportText(report, colours));
    return exitCodeOf(worstOf(report.checks));
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    err.write(`${printable(error.message)}\n`);
    return usageCode;
  }
};

const help = `
What can be verified:
  a log       its URL, or a folder that is laid out like it: checkpoint, tile/…, tile/entries/…
  a proof     a .tlog-proof, as GET /v1/inquiries/{id}/proof gives it; needs no network
  a receipt   with --keys, the log that must hold its leaf; or with --entry
  an entry    the bytes of one leaf, with --keys
  an export   a tar of a range of a log, as estelam export makes it, or of what a filter names;
              needs no network

${exitCodeHelp()}

Examples:
  estelam verify inquiry.tlog-proof --policy policy.txt --receipt receipt.jwt
  estelam verify export.tar --policy policy.txt --keys ./log
  estelam verify https://exchange.example/log/0 --policy policy.txt --hashes-only
  estelam verify ./log --policy policy.txt --previous checkpoint.last-year`;

/** `estelam verify`. `exit` is told the exit code. */
export const verifyCommand = (streams: Streams, exit: (code: number) => void): Command =>
  new Command('verify')
    .summary('check a receipt, a proof, an entry, an export or a whole log')
    .description(
      'Checks evidence of an exchange without trusting its operator: against a policy that says ' +
        'which log and which witnesses you believe.',
    )
    .argument('<what>', 'a file, a folder or a URL')
    .requiredOption('--policy <file>', 'whom to believe (C2SP tlog-policy)')
    .option('--receipt <file...>', 'receipts whose leaf must be there')
    .option('--previous <file...>', 'earlier checkpoints that the log must have grown from')
    .option('--entry <file>', 'the entry, where a proof or a receipt does not hold it')
    .option('--keys <log>', 'the log whose leaves put the keys on record: its URL or folder')
    .option('--participant <id>', 'read entries by URL as this auditor, with --key')
    .option('--key <file>', "the auditor's private JWK")
    .option('--no-signatures', 'do not verify the signatures of counters and agencies')
    .option('--hashes-only', 'read no entries: tree, earlier checkpoints and receipts only')
    .option('--complete', 'a gap in the numbers or statements is a failure (15), and not a note')
    .option('--jobs <n>', 'threads that verify signatures', jobs, availableParallelism())
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (what: string, options: Options) => exit(await run(what, options, streams)));
