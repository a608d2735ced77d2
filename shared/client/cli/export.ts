import { Command, InvalidArgumentError } from 'commander';
import { ExportFilter } from '../../audit/export/export-filter.ts';
import { ExportImpossible, type ExportPart } from '../../audit/export/export-order.ts';
import { makeExport } from '../../audit/export/make-export.ts';
import { jsonIn } from '../../audit/leaf-json.ts';
import { LogFileMissing } from '../../audit/sequence/log-files.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { LogUnreadable } from '../verify/log-reader.ts';
import { exitCodes, usageCode } from './exit-codes.ts';
import { exportPartOf, type WantedRange } from './export-parts.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { printable } from './printable.ts';
import { progressOn } from './progress.ts';
import type { Streams } from './verify.ts';
import { asPolicy, openLogPaths, readAuditor, readPolicyBytes } from './verify-input.ts';
import { writeNewFile } from './write-new-file.ts';

type Options = WantedRange & {
  readonly out: string;
  readonly policy?: string;
  readonly filter?: ExportFilter;
  readonly participant?: string;
  readonly key?: string;
};

const whole = (text: string): number => {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number, 0 or more.');
};

/** A filter as a manifest has it; where a counter is, no log says. */
const filter = (text: string): ExportFilter => {
  const { data } = ExportFilter.safeParse(jsonIn(utf8(text)));
  if (data === undefined) {
    throw new InvalidArgumentError(
      'It must be JSON as a manifest has it, for example {"counter":"counter:72110345"}.',
    );
  }
  if (data.province === undefined) return data;
  throw new InvalidArgumentError('It cannot name a province: no leaf says where a counter is.');
};

const readPolicy = async (path: string | undefined) => {
  if (path === undefined) return undefined;
  const bytes = await readPolicyBytes(path);
  return { bytes, policy: asPolicy(path, bytes) };
};

const openParts = async (
  logs: readonly string[],
  options: Options,
  policy: Awaited<ReturnType<typeof readPolicy>>,
): Promise<readonly ExportPart[]> => {
  const { shard, from, to, participant, key } = options;
  const auditor = await readAuditor(participant, key);
  if (logs.length > 1 && (shard ?? from ?? to) !== undefined) {
    throw new WrongUsage(
      '--shard, --from and --to are for one log; of several all leaves are taken.',
    );
  }
  const parts: ExportPart[] = [];
  for (const what of logs) {
    const read = await openLogPaths(what, auditor);
    if (read === undefined) throw new WrongUsage(`${what}: it is no log, neither URL nor folder.`);
    parts.push(await exportPartOf({ what, read }, { shard, from, to }, policy?.policy));
  }
  if (new Set(parts.map((part) => part.shard)).size < parts.length) {
    throw new WrongUsage('One log is named twice.');
  }
  return parts.toSorted((a, b) => a.shard - b.shard);
};

const exportLogs = async (
  logs: readonly string[],
  options: Options,
  { err }: Streams,
): Promise<string> => {
  const policy = await readPolicy(options.policy);
  const parts = await openParts(logs, options, policy);
  const progress = progressOn(err, 'Exporting');
  try {
    const size = await writeNewFile(options.out, (spool) =>
      makeExport({
        parts,
        policy: policy?.bytes,
        filtering: options.filter && { filter: options.filter },
        spool,
        progress: progress.at,
      }),
    );
    const ranges = parts.map(
      ({ shard, from, to }) => `leaves ${from} up to and without ${to} of log ${shard}`,
    );
    return `${options.out}: ${ranges.join(', ')}; ${size} bytes.\n`;
  } finally {
    progress.end();
  }
};

/** The exit code of what stops an export; undefined for what nobody foresaw. */
const codeOf = (error: unknown): number | undefined => {
  if (error instanceof WrongUsage) return usageCode;
  if (error instanceof FailedInput) return exitCodes[error.failure];
  if (error instanceof LogUnreadable || error instanceof LogFileMissing) {
    return exitCodes.unreadable;
  }
  if (error instanceof ExportImpossible) {
    return error.reason === 'too-large' ? usageCode : exitCodes.tree;
  }
  return undefined;
};

const run = async (
  logs: readonly string[],
  options: Options,
  streams: Streams,
): Promise<number> => {
  try {
    streams.out.write(await exportLogs(logs, options, streams));
    return 0;
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    streams.err.write(`${printable(error.message)}\n`);
    return code;
  }
};

const help = `
The export is a tar, and appears whole or not at all. The same range under the same checkpoint gives
the same bytes. Check it with: estelam verify <file> --policy <file>

Examples:
  estelam export ./log --out export.tar
  estelam export ./log --filter '{"counter":"counter:72110345"}' --out export.tar
  estelam export https://exchange.example/log/0 --from 1000 --to 2000 --out export.tar \\
    --participant auditor:audit-court --key key.jwk`;

/** `estelam export`. `exit` is told the exit code. */
export const exportCommand = (streams: Streams, exit: (code: number) => void): Command =>
  new Command('export')
    .summary('export a range of a log, for others to verify')
    .description(
      'Makes one file of a range of a log: its entries, and all that it takes to verify them ' +
        'without a network.',
    )
    .argument('<log...>', 'the URL or the folder of a log; of several, all leaves are taken')
    .requiredOption('--out <file>', 'the file to make; one that is there is not overwritten')
    .option('--shard <n>', 'which log it is, where its origin does not say so', whole)
    .option('--from <index>', 'the first leaf; 0 by default', whole)
    .option('--to <index>', 'the leaf behind the last one; the size of the log by default', whole)
    .option('--filter <json>', 'only what this filter names, and what it is judged by', filter)
    .option('--policy <file>', 'a policy that the checkpoint must satisfy; goes with the export')
    .option('--participant <id>', 'read entries by URL as this auditor, with --key')
    .option('--key <file>', "the auditor's private JWK")
    .addHelpText('after', help)
    .action(async (logs: readonly string[], options: Options) =>
      exit(await run(logs, options, streams)),
    );
