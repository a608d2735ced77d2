import { failed, worstOf } from '../verify/failure.ts';
import { LogUnreadable } from '../verify/log-reader.ts';
import { exitCodeOf, usageCode } from './exit-codes.ts';
import { FailedInput, WrongUsage } from './failed-input.ts';
import { printable } from './printable.ts';
import { type LogOptions, type PartRead, readWholeLog } from './read-whole-log.ts';
import { type Report, reportText } from './show-report.ts';
import type { Streams } from './verify.ts';

/** What came of a question to a log. */
export type Told = { readonly code: number; readonly text: string; readonly json: object };

/** A question to a log: it sees every entry, and is told when the last is through. */
export type Asked = {
  readonly look: (index: number, data: Uint8Array) => void;
  /** `read`: of what part of a log all of that was, where it was an export. */
  readonly tell: (read: PartRead | undefined) => Told;
};

const failureReport = (what: string, error: unknown): Report => {
  const nothing = { what, findings: [], notes: [] };
  if (error instanceof FailedInput) {
    return { ...nothing, checks: [failed('input', error.failure, error.message)] };
  }
  if (error instanceof LogUnreadable) {
    return { ...nothing, checks: [failed('input', 'unreadable', error.message)] };
  }
  throw error;
};

const unbelieved = 'Nothing is told of what does not verify; --unverified tells it all the same.';

/** What else estelam verify names as not checked is so of every log. */
const telling = ['signatures', 'keys outside of the range'];

/** What was read, and which signatures in it were not verified. */
const readLine = ({ checks }: Report): string =>
  checks
    .flatMap(({ check, result, detail }) => {
      const isRead = result === 'passed' && (check === 'tree' || check === 'rows');
      if (isRead) return [`✓ verified: ${detail}\n`];
      const isTold = result === 'skipped' && telling.includes(check);
      return isTold ? [`– not checked: ${detail}\n`] : [];
    })
    .join('');

type Answer = { readonly report: Report; readonly told: Told | undefined };

const answer = async (
  what: string,
  options: LogOptions,
  streams: Streams,
  ask: () => Promise<Asked>,
): Promise<Answer> => {
  const { look, tell } = await ask();
  let seen = 0;
  const report = await readWholeLog(what, options, streams, (index, data) => {
    seen += 1;
    look(index, data);
  });
  const mayTell = isRight(report) || (options.unverified === true && seen > 0);
  return { report, told: mayTell ? tell(report.read) : undefined };
};

const isRight = ({ checks }: Report): boolean => worstOf(checks) === undefined;

/**
 * Asks a log, and writes what it told when the log verifies; otherwise what is wrong with it, and what
 * it told only when that was wanted. Resolves to the exit code: the log's own failure comes first.
 */
export const runReading = async (
  what: string,
  options: LogOptions,
  streams: Streams,
  ask: () => Promise<Asked>,
): Promise<number> => {
  const { out, err } = streams;
  try {
    const { report, told } = await answer(what, options, streams, ask).catch(
      (error: unknown): Answer => ({ report: failureReport(what, error), told: undefined }),
    );
    const verified = isRight(report);
    const code = verified ? (told?.code ?? 0) : exitCodeOf(worstOf(report.checks));
    if (options.json === true) {
      const { checks, findings, notes } = report;
      const said = { what, exitCode: code, verified, checks, findings, notes, ...told?.json };
      out.write(`${JSON.stringify(said)}\n`);
      return code;
    }
    out.write(verified ? readLine(report) : reportText(report, false));
    if (!verified) out.write(`${told === undefined ? unbelieved : 'UNVERIFIED:'}\n`);
    out.write(told?.text ?? '');
    return code;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    err.write(`${printable(error.message)}\n`);
    return usageCode;
  }
};
