import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { maxBody } from '../../message/kind.ts';
import { type Diagnosis, diagnoseText } from '../diagnosis.ts';
import { NotReached, ReadRefused } from '../read.ts';
import { UntrustedReply } from '../untrusted-reply.ts';
import { exitCodes, refusedCode, usageCode } from './exit-codes.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { printable } from './printable.ts';
import { readInput } from './read-file.ts';
import type { Streams } from './verify.ts';

type Options = { readonly exchange: string; readonly all?: true; readonly json?: true };

/** Milliseconds for the exchange's answer. */
const timeout = 30_000;

const signs = { passed: '✓', failed: '✗', skipped: '–' } as const;

type Shown = Diagnosis['checks'][number];

const lineOf = ({ code, result, detail = '', errors = [] }: Shown): string => {
  const first = `${signs[result]} ${code}${detail === '' ? '' : `: ${detail}`}`;
  const more = errors.map((error) => `    ${error.pointer} ${error.detail}`);
  return [first, ...more].map(printable).join('\n');
};

const ends: ReadonlyMap<string, string> = new Map([
  ['sent-on', 'It would be sent on to the agency.'],
  ['stands', 'Its inquiry stands already, and would be answered for again.'],
]);

/** A diagnosis for a reader: what failed, or with `all` every check; passed ones are counted. */
export const diagnosisText = (
  { checks, outcome, problem = '' }: Diagnosis,
  all: boolean,
): string => {
  const count = (wanted: Shown['result']): number =>
    checks.filter(({ result }) => result === wanted).length;
  return [
    ...checks.filter(({ result }) => all || result === 'failed').map(lineOf),
    `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped.`,
    ends.get(outcome) ?? `It would be refused as ${printable(problem)}.`,
    '',
  ].join('\n');
};

const wait = (milliseconds: number): Promise<void> => sleep(milliseconds);

const diagnose = async (path: string, { exchange }: Options): Promise<Diagnosis> => {
  const origin = URL.parse(exchange)?.origin;
  if (origin === undefined || !/^https?:/.test(origin)) {
    throw new WrongUsage('--exchange must be the URL of an exchange.');
  }
  const text = Buffer.from(await readInput(path, 2 * maxBody)).toString('utf8');
  return diagnoseText(
    { baseUrl: origin, origin, fetch, wait, headers: {}, timeout },
    text.replace(/\r?\n$/, ''),
  );
};

/** What a failure is told as; a bug is thrown. */
const codeOf = (error: Error): number => {
  if (error instanceof WrongUsage) return usageCode;
  if (error instanceof FailedInput) return exitCodes[error.failure];
  if (error instanceof ReadRefused || error instanceof UntrustedReply) return exitCodes.unreadable;
  if (error instanceof NotReached) return exitCodes.unreadable;
  throw error;
};

const help = `
The exchange makes every check on the message and keeps nothing of it: it can be sent in earnest
afterwards. A line feed at the end of the file is not sent. The codes are explained in docs/checks.md.

Exit codes:
  0   the message would not be refused
  ${usageCode}   the command line is wrong
  ${exitCodes.unreadable}   the file cannot be read, or the exchange did not answer
  ${refusedCode}  the message would be refused

Example:
  estelam diagnose request.txt --exchange https://exchange.example`;

/** `estelam diagnose`. `exit` is told the exit code. */
export const diagnoseCommand = ({ out, err }: Streams, exit: (code: number) => void): Command =>
  new Command('diagnose')
    .summary('ask an exchange what it would say to a signed request')
    .description('Shows check by check what an exchange would say to a signed request.')
    .argument('<file>', 'the signed request, as it would be sent')
    .requiredOption('--exchange <url>', 'the exchange')
    .option('--all', 'show the checks that passed or were skipped as well')
    .option('--json', 'write the diagnosis as one JSON document')
    .addHelpText('after', help)
    .action(async (path: string, options: Options) => {
      try {
        const diagnosis = await diagnose(path, options);
        const text = diagnosisText(diagnosis, options.all === true);
        out.write(options.json === true ? `${JSON.stringify(diagnosis)}\n` : text);
        exit(diagnosis.outcome === 'refused' ? refusedCode : 0);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        exit(codeOf(error));
        err.write(`${printable(error.message)}\n`);
      }
    });
